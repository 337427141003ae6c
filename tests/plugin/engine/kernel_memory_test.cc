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

// The object was put back to before it had any, the engine was not.
TEST(KernelMemoryTest, WhatIsMadeAgainTakesThePlaceOfTheFirst) {
  RawEngine engine(UC_ARCH_X86);
  KernelMemory first, again;
  const auto one = first.Take(engine.uc(), Arch::kX86);
  const auto two = again.Take(engine.uc(), Arch::kX86);
  EXPECT_EQ(one.buffer_address, two.buffer_address);
  two.buffer[0] = std::byte{42};
  std::byte seen{};
  ASSERT_EQ(uc_mem_read(engine.uc(),
                        two.buffer_address - FrameWindow(Arch::kX86), &seen, 1),
            UC_ERR_OK);
  EXPECT_EQ(seen, std::byte{42});
  size_t bytes = 0;
  again.ForEachBlock([&](absl::Span<std::byte> b) { bytes += b.size(); });
  EXPECT_GE(bytes, two.buffer.size() + two.stack.size());
}

}  // namespace
}  // namespace faultline::engine
