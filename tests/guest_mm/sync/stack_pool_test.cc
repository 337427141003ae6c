#include "guest_mm/sync/stack_pool.h"

#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "guest_mm/sync/stack_memory.h"

namespace faultline::mm {
namespace {

constexpr size_t kBytes = 64 * 1024;

TEST(StackPoolTest, AReturnedStackIsTheNextOneTaken) {
  StackPool pool(kBytes);
  const Stack first = pool.Take();
  ASSERT_TRUE(first);
  EXPECT_EQ(first.size, kBytes);
  pool.Return(first);
  EXPECT_EQ(pool.Take().bottom, first.bottom);
  EXPECT_EQ(pool.given_out(), 1u);
  pool.Return(first);
}

TEST(StackPoolTest, KeepsABoundedNumber) {
  StackPool pool(kBytes);
  std::vector<Stack> stacks;
  for (int i = 0; i < 200; ++i) {
    stacks.push_back(pool.Take());
    ASSERT_TRUE(stacks.back());
  }
  for (Stack stack : stacks) {
    pool.Return(stack);
  }
  EXPECT_EQ(pool.given_out(), 0u);
  EXPECT_LE(pool.kept(), 64u);
}

TEST(StackPoolTest, AStackTheHostCannotMapIsNull) {
  StackPool pool(size_t{1} << 60);
  EXPECT_FALSE(pool.Reserve());
  EXPECT_FALSE(pool.Take());
}

// One stack at a time, from a place of the test's own.
alignas(4096) constinit std::byte place[kBytes] = {};
constinit bool taken = false;
constexpr StackMemory kPlace = {
    .take = [](size_t bytes) -> void* {
      return bytes > kBytes || std::exchange(taken, true) ? nullptr : place;
    },
    .give_back =
        [](void* at) {
          taken = taken && at != place;
          return at == place;
        },
};

TEST(StackPoolTest, MemoryThatIsGivenComesFirstThenTheHosts) {
  SetStackMemory(&kPlace);
  {
    StackPool pool(kBytes);
    const Stack first = pool.Take();
    const Stack second = pool.Take();
    EXPECT_EQ(first.bottom, place);
    EXPECT_EQ(first.size, kBytes);
    ASSERT_TRUE(second);
    EXPECT_NE(second.bottom, place);
    second.bottom[0] = std::byte{1};
    pool.Return(first);
    pool.Return(second);
    EXPECT_TRUE(taken) << "the pool keeps it";
  }
  EXPECT_FALSE(taken);
  SetStackMemory(nullptr);
}

TEST(StackPoolDeathTest, BelowTheBottomIsAGuardPage) {
  StackPool pool(kBytes);
  const Stack stack = pool.Take();
  stack.bottom[0] = std::byte{1};
  EXPECT_DEATH(stack.bottom[-1] = std::byte{1}, "");
  pool.Return(stack);
}

}  // namespace
}  // namespace faultline::mm
