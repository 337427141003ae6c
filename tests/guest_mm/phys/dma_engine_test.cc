#include "guest_mm/phys/dma_engine.h"

#include <cstring>
#include <string>

#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/gup/gup_fixture.h"
#include "tests/guest_mm/testing/switch_at.h"

namespace faultline::mm {
namespace {

// A disk of bytes; what lies behind its end cannot be read.
class FakeDisk final : public DmaDevice {
 public:
  explicit FakeDisk(size_t size) : bytes(size, 'd') {}
  ErrnoOr<Done> Read(uint64_t at, absl::Span<std::byte> to) override {
    if (at + to.size() > bytes.size()) {
      return Errno::kEIO;
    }
    std::memcpy(to.data(), bytes.data() + at, to.size());
    return kDone;
  }
  ErrnoOr<Done> Write(uint64_t at, absl::Span<const std::byte> from) override {
    if (at + from.size() > bytes.size()) {
      return Errno::kENOSPC;
    }
    std::memcpy(bytes.data() + at, from.data(), from.size());
    return kDone;
  }
  std::string bytes;
};

class DmaEngineTest : public GupTest {
 protected:
  DmaEngine& engine() { return machine_.system().dma(); }

  // All pages held so far, whole, from byte 0 of the disk on.
  DmaRequest Request(DmaDirection direction) {
    return {.device = disk_, .at = 0, .direction = direction};
  }
  void AddHeldPages(DmaRequest& request) {
    for (size_t i = 0; i < held(); ++i) {
      request.segments.push_back({Held(i), 0, uint32_t(kPage)});
    }
  }
  // As a task does it: submits, and waits.
  void Transfer(DmaRequest& request) {
    AddHeldPages(request);
    engine().Submit(request);
    engine().Wait(request);
  }

  FakeDisk disk_{2 * kPage};
};

TEST_F(DmaEngineTest, BytesGoBothWaysInOrder) {
  Map(0, 2);
  Fill(0, 2);
  ASSERT_THAT(Hold(0, 2, kPinToWrite), Succeeds());
  DmaRequest out = Request(DmaDirection::kFromMemory);
  Transfer(out);
  EXPECT_TRUE(out.finished);
  EXPECT_EQ(out.done, 2 * kPage);
  EXPECT_EQ(disk_.bytes[0], 1);
  EXPECT_EQ(disk_.bytes[kPage], 2);
  disk_.bytes.assign(disk_.bytes.size(), 'x');
  DmaRequest in = Request(DmaDirection::kToMemory);
  Transfer(in);
  EXPECT_EQ(Load(0), 'x');
  EXPECT_EQ(Load(1), 'x');
}

TEST_F(DmaEngineTest, TroubleOfTheDeviceEndsTheRequestAfterWhatIsDone) {
  Map(0, 3);
  ASSERT_THAT(Hold(0, 3, kPinToWrite), Succeeds());
  DmaRequest in = Request(DmaDirection::kToMemory);
  Transfer(in);
  EXPECT_EQ(in.done, 2 * kPage);
  EXPECT_EQ(in.error, Errno::kEIO);
}

TEST_F(DmaEngineTest, ActorServesRequestsInTurnAndKeepsNoRunAlive) {
  Map(0, 1);
  ASSERT_THAT(Hold(0, 1, kPinToWrite), Succeeds());
  Scheduler scheduler(MakeRoundRobin());
  int finished = 0;
  for (int i = 0; i < 3; ++i) {
    scheduler.Spawn("program", [&] {
      DmaRequest in = Request(DmaDirection::kToMemory);
      Transfer(in);
      EXPECT_EQ(in.done, kPage);
      ++finished;
    });
  }
  EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(finished, 3);
  EXPECT_EQ(engine().pending(), 0u);
}

// It knows frames, and nothing of rights: no store is seen, no fault is taken.
TEST_F(DmaEngineTest, ItWritesToAPageThatIsProtectedMeanwhile) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Hold(0, 1, kPinToWrite), Succeeds());
  const uint64_t faults = machine_.system().counters().faults;
  Scheduler scheduler(SwitchAt::Make(kDmaStepPoint));
  scheduler.Spawn("program", [&] {
    DmaRequest in = Request(DmaDirection::kToMemory);
    Transfer(in);
  });
  scheduler.Spawn("other", [&] {
    while (engine().pending() == 0) {
      Scheduler::PointIfActive(kGupFaultPoint);
    }
    ASSERT_THAT(Mprotect(mm_, At(0), kPage, 1), Succeeds());
    EXPECT_EQ(Load(0), 1) << "the device has not come to it";
  });
  ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_FALSE(EntryOf(0).write());
  EXPECT_EQ(Load(0), 'd');
  EXPECT_EQ(machine_.system().counters().faults, faults);
}

TEST_F(DmaEngineTest, CodeThatItOverwritesIsForgotten) {
  Map(0, 1);
  ASSERT_THAT(Hold(0, 1, kPinToWrite), Succeeds());
  machine_.phys().MarkExecuted(Held(0));
  DmaRequest in = Request(DmaDirection::kToMemory);
  Transfer(in);
  EXPECT_EQ(machine_.tlb().code_flushes, std::vector<Pfn>{Held(0)});
}

}  // namespace
}  // namespace faultline::mm
