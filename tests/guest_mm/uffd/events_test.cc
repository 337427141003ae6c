#include "guest_mm/uffd/events.h"

#include "guest_mm/uffd/uffd_state.h"
#include "tests/guest_mm/uffd/uffd_fixture.h"

namespace faultline::mm {
namespace {

class UffdEventsTest : public UffdTest {
 protected:
  static constexpr int kDontNeed = 4;
};

TEST_F(UffdEventsTest, MunmapWaitsUntilItIsRead) {
  Map(0, 4);
  auto ctx = NewContext(kUffdEventUnmap);
  Arm(*ctx, 1, 1, kUffdModeMissing);
  bool unmapped = false;
  Spawn("unmapper", [&] {
    EXPECT_THAT(Munmap(mm_, At(0), 3 * kPage), Succeeds());
    unmapped = true;
  });
  Spawn("handler", [&] {
    while (!ctx->HasMessage()) {
      scheduler_.Yield(kSchedNext);
    }
    EXPECT_FALSE(unmapped);
    EXPECT_TRUE(ctx->mmap_changing());
    const UffdMessage m = Next(*ctx);
    EXPECT_EQ(m.kind, UffdEventKind::kUnmap);
    EXPECT_EQ(m.start, At(0));
    EXPECT_EQ(m.end, At(3));
  });
  RunToEnd();
  EXPECT_TRUE(unmapped);
  EXPECT_FALSE(ctx->mmap_changing());
}

TEST_F(UffdEventsTest, OneUnmappingIsToldOnceToEachContext) {
  Map(0, 4);
  auto ctx = NewContext(kUffdEventUnmap);
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Arm(*ctx, 2, 1, kUffdModeMissing);
  Spawn("unmapper",
        [&] { EXPECT_THAT(Munmap(mm_, At(0), 4 * kPage), Succeeds()); });
  Spawn("handler", [&] {
    Next(*ctx);
    EXPECT_FALSE(ctx->HasMessage());
  });
  RunToEnd();
}

TEST_F(UffdEventsTest, ADiscardIsToldBeforeItIsDone) {
  Map(0, 2);
  ASSERT_TRUE(Store(0, 7));
  auto ctx = NewContext(kUffdEventRemove);
  Arm(*ctx, 0, 2, kUffdModeMissing);
  Spawn("discarder", [&] {
    EXPECT_THAT(Madvise(mm_, At(0), kPage, kDontNeed), Succeeds());
  });
  Spawn("handler", [&] {
    while (!ctx->HasMessage()) {
      scheduler_.Yield(kSchedNext);
    }
    EXPECT_TRUE(EntryOf(0).present());
    EXPECT_EQ(Next(*ctx).kind, UffdEventKind::kRemove);
  });
  RunToEnd();
  EXPECT_TRUE(EntryOf(0).none());
}

TEST_F(UffdEventsTest, MovedMemoryStaysWatchedWithTheEvent) {
  Map(0, 2);
  auto ctx = NewContext(kUffdEventRemap);
  Arm(*ctx, 0, 2, kUffdModeMissing);
  constexpr uint64_t kMayMoveFixed = 3;
  Spawn("mover", [&] {
    EXPECT_THAT(Mremap(mm_, At(0), 2 * kPage, 2 * kPage, kMayMoveFixed, At(20)),
                Succeeds());
  });
  Spawn("handler", [&] {
    const UffdMessage m = Next(*ctx);
    EXPECT_EQ(m.kind, UffdEventKind::kRemap);
    EXPECT_EQ(m.start, At(0));
    EXPECT_EQ(m.end, At(20));
    EXPECT_EQ(m.length, 2 * kPage);
  });
  RunToEnd();
  EXPECT_TRUE(UffdMissing(VmaAt(20)));
}

TEST_F(UffdEventsTest, WithoutTheEventTheChildOfForkIsNotWatched) {
  Map(0, 2);
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeMissing);
  AddressSpace& child = Fork();
  EXPECT_FALSE(UffdArmed(*child.vmas().Find(At(0))));
  EXPECT_TRUE(UffdArmed(VmaAt(0)));
}

TEST_F(UffdEventsTest, TheChildOfForkHasAContextOfItsOwn) {
  Map(0, 2);
  auto ctx = NewContext(kUffdEventFork);
  Arm(*ctx, 0, 2, kUffdModeMissing);
  AddressSpace* child = nullptr;
  std::shared_ptr<UffdContext> theirs;
  Spawn("forker", [&] { child = &Fork(); });
  Spawn("handler", [&] {
    const UffdMessage m = Next(*ctx);
    EXPECT_EQ(m.kind, UffdEventKind::kFork);
    EXPECT_EQ(child, nullptr);
    theirs = m.child;
    ctx->FinishFork(m.id, UffdContext::Delivered::kYes);
  });
  RunToEnd();
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->vmas().Find(At(0))->uffd, theirs);
  EXPECT_TRUE(theirs->IsOf(*child));
  EXPECT_EQ(theirs->features(), ctx->features());
}

TEST_F(UffdEventsTest, AForksEventThatGotNoDescriptorIsReadAgain) {
  Map(0, 2);
  auto ctx = NewContext(kUffdEventFork);
  Arm(*ctx, 0, 2, kUffdModeMissing);
  Spawn("forker", [&] { Fork(); });
  Spawn("handler", [&] {
    UffdMessage m = Next(*ctx);
    EXPECT_FALSE(ctx->HasMessage());
    ctx->FinishFork(m.id, UffdContext::Delivered::kNo);
    EXPECT_TRUE(ctx->HasMessage());
    m = Next(*ctx);
    ctx->FinishFork(m.id, UffdContext::Delivered::kYes);
  });
  RunToEnd();
}

TEST_F(UffdEventsTest, IfTheContextGoesTheChildIsNotWatched) {
  Map(0, 2);
  auto ctx = NewContext(kUffdEventFork);
  Arm(*ctx, 0, 2, kUffdModeMissing);
  AddressSpace* child = nullptr;
  Spawn("forker", [&] { child = &Fork(); });
  Spawn("handler", [&] {
    while (!ctx->HasMessage()) {
      scheduler_.Yield(kSchedNext);
    }
    ctx->Release();
  });
  RunToEnd();
  EXPECT_FALSE(UffdArmed(*child->vmas().Find(At(0))));
}

TEST_F(UffdEventsTest, WhoIsKilledDoesNotWaitForAReader) {
  Map(0, 2);
  auto ctx = NewContext(kUffdEventUnmap);
  Arm(*ctx, 0, 2, kUffdModeMissing);
  Actor& unmapper = Spawn("unmapper", [&] {
    EXPECT_THAT(Munmap(mm_, At(0), 2 * kPage), Succeeds());
  });
  Spawn("killer", [&] {
    while (!ctx->HasMessage()) {
      scheduler_.Yield(kSchedNext);
    }
    scheduler_.Interrupt(unmapper, Interruption::kFatal);
  });
  RunToEnd();
  EXPECT_FALSE(ctx->HasMessage());
  EXPECT_FALSE(ctx->mmap_changing());
}

// U8: who retries without reading never gets on.
TEST_F(UffdEventsTest, FillingFailsUntilTheEventIsRead) {
  MapSource(3);
  Map(0, 4);
  auto ctx = NewContext(kUffdEventRemove);
  Arm(*ctx, 0, 4, kUffdModeMissing);
  Spawn("balloon", [&] {
    EXPECT_THAT(Madvise(mm_, At(3), kPage, kDontNeed), Succeeds());
  });
  Spawn("handler", [&] {
    while (!ctx->HasMessage()) {
      scheduler_.Yield(kSchedNext);
    }
    for (int i = 0; i < 5; ++i) {
      EXPECT_THAT(Copy(*ctx, 0), FailsWith(Errno::kEAGAIN));
      scheduler_.Yield(kSchedNext);
    }
    Next(*ctx);
    while (ctx->mmap_changing()) {
      scheduler_.Yield(kSchedNext);
    }
    EXPECT_THAT(Copy(*ctx, 0), Succeeds());
  });
  RunToEnd();
}

}  // namespace
}  // namespace faultline::mm
