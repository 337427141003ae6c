// Covers: plugin/rewind/arena.cc

#include "plugin/rewind/checkpoint.h"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "guest_mm/sync/fiber.h"
#include "plugin/rewind/arena.h"

namespace faultline::rewind {
namespace {

class CheckpointTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Arena::Supported()) {
      GTEST_SKIP() << "no arena with a sanitizer";
    }
    arena_ = std::make_unique<Arena>();
    ASSERT_TRUE(arena_->ok());
  }
  std::unique_ptr<Arena> arena_;
};

TEST_F(CheckpointTest, ObjectsInAnArenaComeBack) {
  std::map<int, std::string>* things = nullptr;
  {
    const InsideArena inside(arena_.get());
    things = new std::map<int, std::string>;
    for (int i = 0; i < 1000; ++i) {
      (*things)[i] = std::string(100, 'a');
    }
  }
  Checkpoint checkpoint;
  checkpoint.Add(arena_->base(), arena_->used());
  ASSERT_TRUE(checkpoint.Save());
  for (int round = 0; round < 20; ++round) {
    {
      const InsideArena inside(arena_.get());
      things->erase(round * 7);
      (*things)[round] += std::string(5000, 'b');
      for (int i = 0; i < 300; ++i) {
        (*things)[5000 + i] = "new";
      }
    }
    checkpoint.Restore();
    ASSERT_EQ(things->size(), 1000u);
    for (const auto& [key, text] : *things) {
      ASSERT_EQ(text, std::string(100, 'a')) << key;
    }
  }
  EXPECT_GT(checkpoint.pages(), 0u);
  EXPECT_LT(checkpoint.pages(), 100u);
}

const std::vector<int>& MadeWhenFirstAskedFor() {
  static const std::vector<int> numbers(1000, 7);
  return numbers;
}

TEST_F(CheckpointTest, StaticObjectsOutliveTheArenaTheyAreFirstMadeIn) {
  size_t used = 0;
  {
    const InsideArena inside(arena_.get());
    used = arena_->used();
    EXPECT_EQ(MadeWhenFirstAskedFor().size(), 1000u);
    EXPECT_EQ(Arena::Active(), arena_.get());
  }
  EXPECT_EQ(arena_->used(), used);
  arena_ = nullptr;
  EXPECT_EQ(MadeWhenFirstAskedFor()[999], 7);
}

TEST_F(CheckpointTest, ALaterSaveIsWhatIsPutBack) {
  int* number = nullptr;
  {
    const InsideArena inside(arena_.get());
    number = new int(1);
  }
  Checkpoint checkpoint;
  checkpoint.Add(arena_->base(), arena_->used());
  ASSERT_TRUE(checkpoint.Save());
  *number = 2;
  std::vector<int>* more = nullptr;
  {
    const InsideArena inside(arena_.get());
    more = new std::vector<int>(10000, 3);
  }
  checkpoint.Add(arena_->base(), arena_->used());  // it has grown
  ASSERT_TRUE(checkpoint.Save());
  for (int round = 0; round < 3; ++round) {
    *number = 4;
    (*more)[round * 1000] = 5;
    checkpoint.Restore();
    EXPECT_EQ(*number, 2);
    EXPECT_EQ((*more)[round * 1000], 3);
  }
}

// Of a fiber, say: the handler must not need the page that it is called for.
TEST_F(CheckpointTest, AStackIsMemoryLikeAnyOther) {
  mm::StackPool pool(64 * 1024);
  mm::Stack stack;
  {
    const InsideArena inside(arena_.get());
    stack = pool.Take();
  }
  EXPECT_GT(stack.bottom, arena_->base());
  EXPECT_LT(stack.bottom - arena_->base(), std::ptrdiff_t(arena_->used()));
  Checkpoint checkpoint;
  checkpoint.Add(arena_->base(), arena_->used());
  ASSERT_TRUE(checkpoint.Save());
  struct Both {
    mm::Fiber host;
    mm::Fiber* fiber = nullptr;
    int depth = 0;
  } both;
  both.fiber = new mm::Fiber(
      stack,
      [](void* arg) {
        auto& b = *static_cast<Both*>(arg);
        volatile char deep[20'000];
        for (size_t i = 0; i < sizeof deep; i += 512) {
          deep[i] = char(i);
          b.depth += deep[i] == char(i);
        }
        mm::Fiber::SwitchForGood(*b.fiber, b.host);
      },
      &both);
  mm::Fiber::Switch(both.host, *both.fiber);
  EXPECT_EQ(both.depth, 40);
  delete both.fiber;
  const InsideArena inside(arena_.get());
  pool.Return(stack);
}

TEST_F(CheckpointTest, OutsideIsOutside) {
  std::vector<int> outside;
  const InsideArena inside(arena_.get());
  const size_t before = arena_->used();
  {
    const OutsideArena out;
    outside.resize(10'000);
  }
  EXPECT_EQ(arena_->used(), before);
  std::vector<int> in(10'000);
  EXPECT_GT(arena_->used(), before);
}

TEST_F(CheckpointTest, WhatIsGivenBackIsGivenAgain) {
  const InsideArena inside(arena_.get());
  void* const first = arena_->Allocate(100);
  std::memset(first, 1, 100);
  arena_->Free(first);
  EXPECT_EQ(arena_->Allocate(97), first);
  for (const size_t align : {16, 64, 4096}) {
    const auto at = reinterpret_cast<uintptr_t>(arena_->Allocate(3000, align));
    EXPECT_EQ(at % align, 0u);
    arena_->Free(reinterpret_cast<void*>(at));
  }
  EXPECT_EQ(arena_->Allocate(size_t{1} << 40), nullptr);
}

TEST_F(CheckpointTest, WhatOutlivesItsArenaIsNothingToGiveBack) {
  std::string text;
  {
    const InsideArena inside(arena_.get());
    text = std::string(1000, 'x');
  }
  arena_ = nullptr;
  new (&text) std::string("host");  // as if it had never been
  EXPECT_EQ(text, "host");
}

}  // namespace
}  // namespace faultline::rewind
