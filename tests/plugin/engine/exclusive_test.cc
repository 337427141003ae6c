// A store-exclusive does not succeed across a switch (exclusive.cc).

#include <gtest/gtest.h>

#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class ExclusiveTest : public testing::Test {
 protected:
  ExclusiveTest() {
    m_.Map(kData, mm::Prot::RW());
    constexpr uint32_t kStxrW3X2X0 = 0xc8037c02;  // stxr w3, x2, [x0]
    m_.LoadWords({a64::kLdxrX1X0, a64::kSvc, kStxrW3X2X0, a64::kSvc});
    m_.SetPointer(kData);
    m_.SetValue(9);
    m_.RunAt(kCode);
  }

  // 0: it has stored.
  uint64_t Store() {
    m_.cpu().Run(0);
    return m_.Loaded();
  }

  TestMachine m_{Arch::kArm64};
};

TEST_F(ExclusiveTest, SucceedsWithoutASwitch) {
  EXPECT_EQ(Store(), 0u);
  EXPECT_EQ(m_.Peek64(kData), 9u);
}

TEST_F(ExclusiveTest, FailsAfterAnotherHasRun) {
  const std::unique_ptr<CpuContext> other = m_.cpu().NewContext(&m_.context());
  m_.cpu().SwitchTo(&m_.space(), other.get());
  m_.cpu().SwitchTo(&m_.space(), &m_.context());
  EXPECT_EQ(Store(), 1u);
  EXPECT_EQ(m_.Peek64(kData), 0u);
}

}  // namespace
}  // namespace faultline::engine
