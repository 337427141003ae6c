// Covers: plugin/explore/arena.cc

#include "plugin/explore/checkpoint.h"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "plugin/explore/arena.h"

namespace faultline::explore {
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
}  // namespace faultline::explore
