#ifndef FAULTLINE_TESTS_PLUGIN_LINUX_KERNEL_FIXTURE_H_
#define FAULTLINE_TESTS_PLUGIN_LINUX_KERNEL_FIXTURE_H_

// KernelTest: a whole machine of either architecture that runs one program of
// a few instructions (tiny_program.h), with nothing at random places.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "plugin/linux/console.h"
#include "plugin/linux/fs/caller.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::os {

class KernelTest : public ::testing::TestWithParam<engine::Arch> {
 protected:
  void SetUp() override {
    KernelOptions options;
    options.arch = GetParam();
    options.memory_bytes = 16 << 20;
    options.aslr = false;
    options.validate = true;
    auto kernel = Kernel::Create(options, console_);
    ASSERT_TRUE(kernel.ok()) << kernel.status();
    kernel_ = *std::move(kernel);
  }
  bool IsX86() const { return GetParam() == engine::Arch::kX86; }
  // Makes `bytes` the file /prog and starts it.
  absl::Status Start(const std::string& bytes,
                     std::vector<std::string> argv = {"prog"}) {
    EXPECT_TRUE(kernel_->vfs().WriteFile("/prog", bytes).ok());
    MakeExecutable();
    return kernel_->Start({"/prog", std::move(argv), {}});
  }
  RunResult Run(const std::string& bytes) {
    const absl::Status s = Start(bytes);
    EXPECT_TRUE(s.ok()) << s;
    return kernel_->Run();
  }

  MemoryConsole console_;
  std::unique_ptr<Kernel> kernel_;

 private:
  void MakeExecutable() {
    const Credentials root;
    const FsContext fs(kernel_->vfs().root(), kernel_->vfs().root());
    auto path = LookupPath(Caller{root, fs}, kernel_->vfs().root(), "/prog");
    ASSERT_TRUE(path.ok());
    AttrChange change;
    change.mode = 0755;
    ASSERT_TRUE(path->inode()->SetAttr(change).ok());
  }
};

inline std::string ArchName(const ::testing::TestParamInfo<engine::Arch>& p) {
  return p.param == engine::Arch::kX86 ? "x86" : "arm64";
}

// Instantiates the tests of SUITE, an alias or child of KernelTest.
#define FAULTLINE_BOTH_ARCHITECTURES(SUITE)                 \
  INSTANTIATE_TEST_SUITE_P(                                 \
      BothArchitectures, SUITE,                             \
      ::testing::Values(::faultline::engine::Arch::kX86,    \
                        ::faultline::engine::Arch::kArm64), \
      ::faultline::os::ArchName)

}  // namespace faultline::os

#endif  // FAULTLINE_TESTS_PLUGIN_LINUX_KERNEL_FIXTURE_H_
