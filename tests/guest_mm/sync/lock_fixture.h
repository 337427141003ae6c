#ifndef FAULTLINE_TESTS_GUEST_MM_SYNC_LOCK_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_SYNC_LOCK_FIXTURE_H_

// What the tests of locks share: four classes of rising rank, and a scheduler
// whose reports are kept instead of ending the process.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/sync/lock.h"
#include "guest_mm/sync/scheduler.h"

// Tests take locks in ways that the analysis is there to forbid.
#define NO_ANALYSIS ABSL_NO_THREAD_SAFETY_ANALYSIS

namespace faultline::mm {

inline constexpr LockClass kOuter{
    "outer", {"outer.locked"}, {"outer.unlocked"}, 10};
inline constexpr LockClass kInner{
    "inner", {"inner.locked"}, {"inner.unlocked"}, 20};
inline constexpr LockClass kTwins{
    "twins", {"twins.locked"}, {"twins.unlocked"}, 30, true};
inline constexpr LockClass kSpin{"spin", {"spin.locked"}, {"spin.unlocked"},
                                 40,     false,           WhileHeld::kAtomic};
inline constexpr PointSite kHere{"test.here"};

class LockFixture : public ::testing::Test {
 protected:
  using Log = std::vector<std::string>;
  using Kind = LockReport::Kind;

  LockFixture() : s_(MakeRoundRobin()) {
    s_.set_report_handler([this](const LockReport& report) {
      reports_.push_back(report.text);
      kinds_.push_back(report.kind);
    });
  }
  // Gives every other actor its turn.
  void Yield() { s_.Yield(kHere); }

  Scheduler s_;
  Log reports_;
  std::vector<Kind> kinds_;
  Log log_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_SYNC_LOCK_FIXTURE_H_
