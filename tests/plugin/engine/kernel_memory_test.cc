#include "plugin/engine/kernel_memory.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "plugin/engine/frame_window.h"
#include "tests/plugin/engine/test_raw_engine.h"

namespace faultline::engine {
namespace {

TEST(KernelMemoryTest, EachPieceIsItsOwnUntilItIsGivenBack) {
  KernelMemory memory;
  RawEngine engine(UC_ARCH_X86);
  EXPECT_FALSE(memory.Holds(kKernelMemoryPhys));
  std::set<uint64_t> addresses;
  std::vector<KernelContext::Memory> taken;
  for (int i = 0; i < 200; ++i) {
    taken.push_back(memory.Take(engine.uc(), Arch::kX86));
    EXPECT_TRUE(addresses.insert(taken.back().buffer_address).second);
    EXPECT_EQ(taken.back().stack_top, taken.back().buffer_address +
                                          taken.back().buffer.size() +
                                          taken.back().stack.size());
    EXPECT_TRUE(
        memory.Holds(taken.back().stack_top - 1 - FrameWindow(Arch::kX86)));
  }
  EXPECT_FALSE(memory.Holds(kKernelMemoryPhys - 1));
  const uint64_t last = taken.back().buffer_address;
  memory.GiveBack(taken.back());
  EXPECT_EQ(memory.Take(engine.uc(), Arch::kX86).buffer_address, last);
}

}  // namespace
}  // namespace faultline::engine
