#include "plugin/trace/switch_trace.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/sync/lock.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::trace {
namespace {

using ::testing::ElementsAre;

constexpr mm::PointSite kHere{"test.here"};

// "kind event key=value ...", a line each.
class Lines : public mm::TraceSink {
 public:
  void Emit(mm::TraceKind kind, std::string_view name,
            absl::Span<const mm::TraceField> fields) override {
    std::string line = kind == mm::TraceKind::kSwitch ? "switch " : "point ";
    line += name;
    for (const mm::TraceField& f : fields) {
      line += " " + std::string(f.key) + "=" + std::string(f.text);
    }
    lines.push_back(line);
  }
  std::vector<std::string> lines;
};

std::vector<std::string> Traced(uint32_t kinds) {
  Lines lines;
  mm::Trace trace;
  trace.Attach(&lines, kinds);
  SwitchTrace switches(trace);
  mm::Scheduler s(mm::MakeRoundRobin());
  s.set_observer(&switches, /*wants_points=*/true);
  s.Spawn("a", [&] { s.Yield(kHere); });
  s.Spawn("b", [] {});
  s.Run();
  s.set_observer(nullptr, false);
  return lines.lines;
}

// Who has ended is nobody to come from.
TEST(SwitchTraceTest, TellsWhoRunsAfterWhomAndWhere) {
  EXPECT_THAT(
      Traced(1u << unsigned(mm::TraceKind::kSwitch)),
      ElementsAre("switch a from=- at=-", "switch b from=a at=test.here",
                  "switch a from=- at=-"));
}

TEST(SwitchTraceTest, PointsNameTheirActor) {
  EXPECT_THAT(Traced(1u << unsigned(mm::TraceKind::kPoint)),
              ElementsAre("point test.here actor=a"));
}

// Locks say how they were taken, waits what for.
TEST(SwitchTraceTest, PointsTellOfLocksAndWaits) {
  static constexpr mm::LockClass kClass("test.lock", {"test.lock.locked"},
                                        {"test.lock.unlocked"}, 1);
  Lines lines;
  mm::Trace trace;
  trace.Attach(&lines, 1u << unsigned(mm::TraceKind::kPoint));
  SwitchTrace switches(trace);
  mm::Scheduler s(mm::MakeRoundRobin());
  s.set_observer(&switches, /*wants_points=*/true);
  mm::RwLock lock(kClass);
  const auto body = [&] {
    const mm::WriteGuard guard(lock);
    s.Yield(kHere);
  };
  s.Spawn("a", body);
  s.Spawn("b", body);
  s.Run();
  s.set_observer(nullptr, false);
  EXPECT_THAT(lines.lines, testing::IsSupersetOf(
                               {"point test.lock.locked actor=a mode=exclusive",
                                "point wait actor=b for=test.lock",
                                "point test.lock.unlocked actor=a"}));
}

}  // namespace
}  // namespace faultline::trace
