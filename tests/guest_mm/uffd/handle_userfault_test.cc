#include "guest_mm/uffd/handle_userfault.h"

#include "tests/guest_mm/uffd/uffd_fixture.h"

namespace faultline::mm {
namespace {

using Kind = PageFaultOutcome::Kind;

class HandleUserfaultTest : public UffdTest {};

TEST_F(HandleUserfaultTest, AStoreWaitsForTheHandlersPage) {
  MapSource(42);
  Map(0, 4);
  auto ctx = NewContext();
  Arm(*ctx, 0, 4, kUffdModeMissing);
  int seen = -1;
  Spawn("faulter", [&] { seen = Load(2); });
  Spawn("handler", [&] {
    const UffdMessage m = Next(*ctx);
    EXPECT_EQ(m.kind, UffdEventKind::kPagefault);
    EXPECT_EQ(PageOf(m), 2u);
    EXPECT_EQ(m.flags, 0u);
    EXPECT_THAT(Copy(*ctx, 2), Succeeds());
    ctx->Wake(Pages(2, 1), "copy");
  });
  RunToEnd();
  EXPECT_EQ(seen, 42);
  EXPECT_EQ(ctx->waiting_faults(), 0u);
}

TEST_F(HandleUserfaultTest, MessagesTellStoresFromLoads) {
  Map(0, 2);
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeMissing);
  Spawn("faulter", [&] { EXPECT_TRUE(Store(1, 7)); });
  Spawn("handler", [&] {
    EXPECT_EQ(Next(*ctx).flags, kUffdFaultWrite);
    EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 1), Succeeds());
    ctx->Wake(Pages(1, 1), "zeropage");
  });
  RunToEnd();
  EXPECT_EQ(Load(1), 7);
}

TEST_F(HandleUserfaultTest, ExactAddressesAreToldOnRequestOnly) {
  for (const uint64_t features : {uint64_t{0}, kUffdExactAddress}) {
    SCOPED_TRACE(features);
    const uint64_t page = features == 0 ? 0 : 1;
    Map(page, 1);
    auto ctx = NewContext(features);
    Arm(*ctx, page, 1, kUffdModeMissing);
    Spawn("faulter", [&] { machine_.Load(mm_, At(page) + 5); });
    Spawn("handler", [&] {
      const uint64_t offset = features == 0 ? 0 : 5;
      EXPECT_EQ(Next(*ctx).start, At(page) + offset);
      EXPECT_THAT(Fill(*ctx, UffdFill::kZero, page), Succeeds());
      ctx->Wake(Pages(page, 1), "zeropage");
    });
    RunToEnd();
    ctx->Release();
  }
}

TEST_F(HandleUserfaultTest, WithTheSigbusFeatureNobodyWaits) {
  Map(0, 1);
  auto ctx = NewContext(kUffdSigbus);
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Spawn("faulter",
        [&] { EXPECT_EQ(Touch(0, Access::kWrite), Kind::kBusError); });
  RunToEnd();
  EXPECT_FALSE(ctx->HasMessage());
}

TEST_F(HandleUserfaultTest, UserModeOnlyRefusesTheKernelsOwnAccess) {
  Map(0, 1);
  auto ctx = NewContext(0, UffdContext::UserModeOnly::kYes);
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Spawn("kernel", [&] {
    EXPECT_EQ(Touch(0, Access::kRead, Mode::kKernel), Kind::kKernelFixup);
  });
  RunToEnd();
  EXPECT_FALSE(ctx->HasMessage());
}

TEST_F(HandleUserfaultTest, AnExitingTaskIsNotMadeToWait) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Actor& actor = Spawn("exiting", [&] {
    EXPECT_EQ(Touch(0, Access::kWrite, Mode::kKernel), Kind::kKernelFixup);
  });
  actor.set_exiting();
  RunToEnd();
}

TEST_F(HandleUserfaultTest, AKilledFaulterLeavesTheQueue) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Actor& faulter = Spawn(
      "faulter", [&] { EXPECT_EQ(Touch(0, Access::kRead), Kind::kSignal); });
  Spawn("killer", [&] {
    Next(*ctx);
    EXPECT_EQ(ctx->waiting_faults(), 1u);
    scheduler_.Interrupt(faulter, Interruption::kFatal);
  });
  RunToEnd();
  EXPECT_EQ(ctx->waiting_faults(), 0u);
}

TEST_F(HandleUserfaultTest, ASignalComesBeforeTheInstructionIsTriedAgain) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Actor& faulter = Spawn(
      "faulter", [&] { EXPECT_EQ(Touch(0, Access::kRead), Kind::kSignal); });
  Spawn("signaller", [&] {
    Next(*ctx);
    scheduler_.Interrupt(faulter, Interruption::kSignal);
  });
  RunToEnd();
}

// Linux goes round and round then: there is no instruction to come back to.
TEST_F(HandleUserfaultTest, ASignalDoesNotEndTheKernelsOwnAccess) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  int rounds = 0;
  Actor& faulter = Spawn("faulter", [&] {
    EXPECT_EQ(Touch(0, Access::kRead, Mode::kKernel), Kind::kDone);
  });
  Spawn("handler", [&] {
    Next(*ctx);
    scheduler_.Interrupt(faulter, Interruption::kSignal);
    for (; rounds < 3; ++rounds) {
      EXPECT_EQ(PageOf(Next(*ctx)), 0u);
      scheduler_.Yield(kSchedNext);
    }
    EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 0), Succeeds());
    ctx->Wake(Pages(0, 1), "zeropage");
  });
  RunToEnd();
  EXPECT_EQ(rounds, 3);
}

TEST_F(HandleUserfaultTest, ClosingLetsWaitersHaveTheirOwnPage) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Spawn("faulter", [&] { EXPECT_TRUE(Store(0, 3)); });
  Spawn("handler", [&] {
    Next(*ctx);
    ctx->Release();
  });
  RunToEnd();
  EXPECT_EQ(Load(0), 3);
  EXPECT_EQ(VmaAt(0).uffd, nullptr);
}

TEST_F(HandleUserfaultTest, AWakeUpBeforeTheReadIsEnough) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Spawn("faulter", [&] { EXPECT_EQ(Load(0), 0); });
  Spawn("handler", [&] {
    while (!ctx->HasMessage()) {
      scheduler_.Yield(kSchedNext);
    }
    EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 0), Succeeds());
    ctx->Wake(Pages(0, 1), "zeropage");
    EXPECT_FALSE(ctx->HasMessage());
  });
  RunToEnd();
}

// Whatever happens between queueing and sleeping, nobody sleeps for ever.
TEST_F(HandleUserfaultTest, NoWakeUpIsLostUnderAnySchedule) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Scheduler scheduler(MakeRandom(seed));
    Map(0, 1);
    auto ctx = NewContext();
    Arm(*ctx, 0, 1, kUffdModeMissing);
    for (int i = 0; i < 2; ++i) {
      scheduler.Spawn("faulter", [&] { EXPECT_EQ(Load(0), 0); });
    }
    scheduler.Spawn("handler", [&] {
      Next(*ctx);
      EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 0), Succeeds());
      ctx->Wake(Pages(0, 1), "zeropage");
    });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone)
        << scheduler.DescribeActors();
    ctx->Release();
    ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  }
}

TEST_F(HandleUserfaultTest, SharedMemoryIsToldOfWhatTheFileHasNot) {
  MapSource(9);
  Map(0, 2, kRW, kAnonShared);
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeMissing);
  int seen = -1;
  Spawn("faulter", [&] { seen = Load(1); });
  Spawn("handler", [&] {
    EXPECT_EQ(PageOf(Next(*ctx)), 1u);
    EXPECT_THAT(Copy(*ctx, 1), Succeeds());
    ctx->Wake(Pages(1, 1), "copy");
  });
  RunToEnd();
  EXPECT_EQ(seen, 9);
  EXPECT_NE(VmaAt(0).file->mapping().Find(1), nullptr);
}

TEST_F(HandleUserfaultTest, AMinorFaultIsOneThatTheFileCouldResolve) {
  Map(0, 1, kRW, kAnonShared);
  ASSERT_TRUE(Store(0, 5));
  {
    ReadGuard guard(mm_.mmap_lock());
    ZapRange(mm_, VmaAt(0), Pages(0, 1));
  }
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMinor);
  int seen = -1;
  Spawn("faulter", [&] { seen = Load(0); });
  Spawn("handler", [&] {
    EXPECT_EQ(Next(*ctx).flags, kUffdFaultMinor);
    EXPECT_THAT(Fill(*ctx, UffdFill::kContinue, 0), Succeeds());
    ctx->Wake(Pages(0, 1), "continue");
  });
  RunToEnd();
  EXPECT_EQ(seen, 5);
}

TEST_F(HandleUserfaultTest, AProtectedStoreWaitsUntilResolved) {
  Map(0, 1);
  ASSERT_TRUE(Store(0, 1));
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0), Succeeds());
  Spawn("writer", [&] { EXPECT_TRUE(Store(0, 2)); });
  Spawn("handler", [&] {
    EXPECT_EQ(Next(*ctx).flags, kUffdFaultWrite | kUffdFaultWp);
    EXPECT_EQ(Load(0), 1);
    EXPECT_THAT(Resolve(*ctx, 0), Succeeds());
    ctx->Wake(Pages(0, 1), "writeprotect");
  });
  RunToEnd();
  EXPECT_EQ(Load(0), 2);
}

TEST_F(HandleUserfaultTest, AProtectedPageInSwapIsProtectedWhenItComesBack) {
  Map(0, 1);
  ASSERT_TRUE(Store(0, 1));
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0), Succeeds());
  SwapOutPage(0);
  Spawn("writer", [&] { EXPECT_TRUE(Store(0, 2)); });
  Spawn("handler", [&] {
    EXPECT_EQ(Next(*ctx).flags, kUffdFaultWrite | kUffdFaultWp);
    EXPECT_THAT(Resolve(*ctx, 0), Succeeds());
    ctx->Wake(Pages(0, 1), "writeprotect");
  });
  RunToEnd();
  EXPECT_EQ(Load(0), 2);
}

TEST_F(HandleUserfaultTest, AsynchronousProtectionNotesAndDoesNotWait) {
  Map(0, 2);
  ASSERT_TRUE(Store(0, 1));
  auto ctx = NewContext(kUffdWpAsync | kUffdWpUnpopulated);
  Arm(*ctx, 0, 2, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0, 2), Succeeds());
  EXPECT_TRUE(EntryOf(1).marker(kMarkerUffdWp));
  EXPECT_TRUE(Store(0, 2));
  EXPECT_TRUE(Store(1, 3));
  EXPECT_FALSE(EntryOf(0).flags.has(EntryFlag::kUffdWp));
  EXPECT_FALSE(EntryOf(1).flags.has(EntryFlag::kUffdWp));
  EXPECT_EQ(Load(0), 2);
  EXPECT_EQ(Load(1), 3);
}

}  // namespace
}  // namespace faultline::mm
