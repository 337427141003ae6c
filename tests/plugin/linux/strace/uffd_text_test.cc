#include "plugin/linux/strace/uffd_text.h"

#include <cstring>
#include <string>

#include "gtest/gtest.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/uffd/uffd_abi.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

// Shows the words of a program's text as the structure of a request.
class Watch : public KernelObserver {
 public:
  explicit Watch(uint32_t request) : request_(request) {}
  void OnSyscallEnter(Task& task, uint64_t, const SyscallArgs& args) override {
    if (entry.empty()) {
      entry = UffdRequestText(task, request_, args.U64(1)).value_or("none");
      exit = UffdAnswerText(task, request_, args.U64(1));
    }
  }
  std::string entry, exit;

 private:
  const uint32_t request_;
};

class UffdTextTest : public KernelTest {
 protected:
  template <typename... Words>
  std::string Show(uint32_t request, Words... words) {
    const uint64_t all[] = {uint64_t(words)...};
    std::string text(sizeof all, '\0');
    std::memcpy(text.data(), all, sizeof all);
    Watch watch(request);
    kernel_->set_observer(&watch);
    Run(TinyProgram(GetParam())
            .Write(uint16_t(sizeof all))
            .Exit(0)
            .Build(text));
    kernel_->set_observer(nullptr);
    return watch.entry + watch.exit;
  }
};

TEST_P(UffdTextTest, ACopyShowsItsModeAndWhatItDid) {
  EXPECT_EQ(Show(kUffdioCopy, 0x7000, 0x5000, 4096, 3, -17),
            "UFFDIO_COPY, {dst=0x7000, src=0x5000, len=4096, "
            "mode=UFFDIO_COPY_MODE_DONTWAKE|UFFDIO_COPY_MODE_WP, copy=-17}");
}

TEST_P(UffdTextTest, TheHandshakeShowsFeaturesAskedForAndAnswered) {
  EXPECT_EQ(Show(kUffdioApi, 0xaa, 1, 1),
            "UFFDIO_API, {api=0xaa, features=UFFD_FEATURE_PAGEFAULT_FLAG_WP "
            "=> features=UFFD_FEATURE_PAGEFAULT_FLAG_WP, "
            "ioctls=1<<_UFFDIO_REGISTER}");
}

TEST_P(UffdTextTest, ARegistrationShowsTheIoctlsForTheRange) {
  EXPECT_EQ(Show(kUffdioRegister, 0x7000, 8192, 5, 0xc),
            "UFFDIO_REGISTER, {start=0x7000, len=8192, "
            "mode=UFFDIO_REGISTER_MODE_MISSING|UFFDIO_REGISTER_MODE_MINOR, "
            "ioctls=1<<_UFFDIO_WAKE|1<<_UFFDIO_COPY}");
}

TEST_P(UffdTextTest, WhatAnswersNothingEndsAtOnce) {
  EXPECT_EQ(Show(kUffdioWake, 0x7000, 4096),
            "UFFDIO_WAKE, {start=0x7000, len=4096}");
}

TEST_P(UffdTextTest, UnknownBitsAreShownAsANumber) {
  EXPECT_EQ(Show(kUffdioZeropage, 0x7000, 4096, 0x80, 0),
            "UFFDIO_ZEROPAGE, {start=0x7000, len=4096, mode=0x80, zeropage=0}");
}

TEST_P(UffdTextTest, OtherRequestsAreNotOurs) {
  EXPECT_EQ(Show(0x5401, 0), "none}");
}

FAULTLINE_BOTH_ARCHITECTURES(UffdTextTest);

}  // namespace
}  // namespace faultline::os
