#include "plugin/inject/injector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace faultline::inject {
namespace {

using mm::Actor;
using mm::FailSite;
using mm::MayFail;
using mm::PointSite;
using mm::Scheduler;
using ::testing::ElementsAre;

constexpr FailSite kAnon{"alloc.anon", ""};
constexpr FailSite kTable{"alloc.table", ""};
constexpr PointSite kHere{"test.here"};

class InjectorTest : public testing::Test {
 protected:
  // One actor that runs `body` with the injector attached.
  void RunOne(std::function<void()> body) {
    scheduler_.Spawn("one", std::move(body));
    injector_.Attach(nullptr);
    EXPECT_EQ(scheduler_.Run(), Scheduler::End::kAllDone);
    injector_.Detach();
  }
  // Which of `count` tries failed, as "0110".
  static std::string Tries(const FailSite& site, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      out += MayFail(site) ? '1' : '0';
    }
    return out;
  }

  Scheduler scheduler_{mm::MakeRoundRobin()};
  mm::Trace trace_;
  Injector injector_{scheduler_, trace_, 1};
  std::vector<std::string> log_;
};

TEST_F(InjectorTest, TheNthAndEachKthPassingFail) {
  injector_.Fail("alloc.anon", {.nth = 3});
  injector_.Fail("alloc.table", {.every = 2});
  RunOne([] {
    EXPECT_EQ(Tries(kAnon, 5), "00100");
    EXPECT_EQ(Tries(kTable, 5), "01010");
  });
  EXPECT_EQ(injector_.injections().size(), 3u);
}

// A trace with points sees them, and they change nothing of what fails.
TEST_F(InjectorTest, TheNextOneHearsOfPointsIfItWantsThem) {
  struct Listener : mm::ScheduleObserver {
    void OnSwitch(const Actor*, const Actor&, const PointSite*) override {}
    void OnPoint(const Actor&, const PointSite& at) override {
      heard.emplace_back(at.name);
    }
    std::vector<std::string> heard;
  } listener;
  for (const auto wants :
       {Injector::NextWants::kSwitches, Injector::NextWants::kPoints}) {
    Scheduler scheduler(mm::MakeRoundRobin());
    Injector injector(scheduler, trace_, 1);
    injector.Fail("alloc.anon", {.nth = 2});
    scheduler.Spawn("one", [&] {
      EXPECT_EQ(Tries(kAnon, 2), "01");
      scheduler.Point(kHere);
    });
    injector.Attach(&listener, wants);
    EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    injector.Detach();
  }
  EXPECT_THAT(listener.heard, ElementsAre("test.here"));
}

TEST_F(InjectorTest, OfVeryManyTheFirstAreRememberedAndAllCounted) {
  injector_.Fail("alloc.anon", {});
  RunOne([] { (void)Tries(kAnon, 5000); });
  EXPECT_EQ(injector_.injected(), 5000u);
  EXPECT_EQ(injector_.injections().size(), Injector::kToldInjections);
  EXPECT_EQ(injector_.injections().back().nth, Injector::kToldInjections);
}

TEST_F(InjectorTest, AStarCountsSitesTogether) {
  injector_.Fail("alloc.*", {.nth = 3});
  RunOne([] {
    EXPECT_EQ(Tries(kAnon, 2), "00");
    EXPECT_EQ(Tries(kTable, 2), "10");
  });
  ASSERT_EQ(injector_.injections().size(), 1u);
  EXPECT_EQ(injector_.injections()[0].site, "alloc.table");
  EXPECT_EQ(injector_.injections()[0].nth, 1u) << "of that site";
}

TEST_F(InjectorTest, ProbabilityIsTheSeedsAndEachRuleDrawsForItself) {
  std::string runs[3];
  for (int i = 0; i < 3; ++i) {
    Scheduler scheduler(mm::MakeRoundRobin());
    Injector injector(scheduler, trace_, i == 2 ? 8 : 7);
    injector.Fail("alloc.anon", {.probability = 0.5});
    if (i == 1) {
      injector.Fail("alloc.table", {.probability = 0.5});
    }
    injector.Attach(nullptr);
    for (int k = 0; k < 64; ++k) {
      runs[i] += Tries(kAnon, 1);
      (void)Tries(kTable, 1);
    }
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0], runs[2]);
  EXPECT_NE(runs[0].find('1'), std::string::npos);
  EXPECT_NE(runs[0].find('0'), std::string::npos);
}

TEST_F(InjectorTest, ProbabilityOfNoneAndOfAll) {
  injector_.Fail("alloc.anon", {.probability = 0});
  injector_.Fail("alloc.table", {.probability = 1});
  RunOne([] {
    EXPECT_EQ(Tries(kAnon, 20).find('1'), std::string::npos);
    EXPECT_EQ(Tries(kTable, 20).find('0'), std::string::npos);
  });
}

TEST_F(InjectorTest, AddressesAreTheSitesOrTheActors) {
  injector_.set_untag([](uint64_t a) { return a & 0xffffff; });
  injector_.Fail("alloc.anon",
                 {.addresses = mm::GuestRange{mm::GuestAddr(0x1000),
                                              mm::GuestAddr(0x2000)}});
  RunOne([] {
    EXPECT_FALSE(MayFail(kAnon, 0x2000));
    EXPECT_TRUE(MayFail(kAnon, 0x0500000000001fff));
    EXPECT_FALSE(MayFail(kAnon));
    Scheduler::Current()->set_work_address(0x1000);
    EXPECT_TRUE(MayFail(kAnon));
  });
}

TEST_F(InjectorTest, WhatAFilterKeepsOutIsNotCounted) {
  injector_.Fail(
      "alloc.anon",
      {.filter = [](const Passing& p) { return p.actor->name() == "b"; },
       .nth = 2});
  scheduler_.Spawn("a", [] { EXPECT_EQ(Tries(kAnon, 3), "000"); });
  scheduler_.Spawn("b", [] { EXPECT_EQ(Tries(kAnon, 3), "010"); });
  injector_.Attach(nullptr);
  scheduler_.Run();
}

TEST_F(InjectorTest, SomebodyElseActsAtAPointBeforeTheFirstGoesOn) {
  injector_.At("test.here", {.nth = 2}, "event", [&](const Passing& p) {
    log_.push_back(absl::StrCat(Scheduler::Current()->name(), " for ",
                                p.actor->name(), " at ", p.nth));
  });
  RunOne([&] {
    for (int i = 0; i < 3; ++i) {
      scheduler_.Point(kHere);
      log_.push_back(absl::StrCat("past ", i));
    }
  });
  EXPECT_THAT(log_,
              ElementsAre("past 0", "inject for one at 2", "past 1", "past 2"));
}

TEST_F(InjectorTest, WhatAFailureAsksForHappensAtTheNextPoint) {
  injector_.At("alloc.anon", {}, "event",
               [&](const Passing& p) { log_.emplace_back(p.site); });
  RunOne([&] {
    EXPECT_FALSE(MayFail(kAnon));
    log_.emplace_back("asked");
    scheduler_.Point(kHere);
    log_.emplace_back("past");
  });
  EXPECT_THAT(log_, ElementsAre("asked", "alloc.anon", "past"));
}

TEST_F(InjectorTest, HereTheOneWhoComesByActsAndOthersMayRun) {
  injector_.Here("test.here", {.nth = 1}, "delay", [&](const Passing&) {
    for (int i = 0; i < 3; ++i) {
      scheduler_.GoRound(kHere);  // is not a passing
    }
    log_.emplace_back("done");
  });
  scheduler_.Spawn("one", [&] {
    scheduler_.Point(kHere);
    log_.emplace_back("one");
  });
  scheduler_.Spawn("two", [&] { log_.emplace_back("two"); });
  injector_.Attach(nullptr);
  scheduler_.Run();
  EXPECT_THAT(log_, ElementsAre("two", "done", "one"));
}

TEST_F(InjectorTest, AnEventMayAddRules) {
  injector_.At("test.here", {.nth = 1}, "event", [&](const Passing&) {
    injector_.Fail("alloc.anon", {.nth = 1});
  });
  RunOne([&] {
    EXPECT_FALSE(MayFail(kAnon));
    scheduler_.Point(kHere);
    EXPECT_TRUE(MayFail(kAnon));
    EXPECT_FALSE(MayFail(kAnon));
  });
}

// What is told goes on to the next observer.
class Counter : public mm::ScheduleObserver {
 public:
  void OnSwitch(const Actor*, const Actor&, const PointSite*) override {
    ++switches;
  }
  void OnPoint(const Actor&, const PointSite&) override { ADD_FAILURE(); }
  int switches = 0;
};

TEST_F(InjectorTest, SwitchesAreToldOnAndDetachingRestores) {
  Counter counter;
  // For its own sake it is told of points; the counter is not.
  injector_.At("test.other", {.nth = 1}, "event", [](const Passing&) {});
  scheduler_.Spawn("one", [&] { scheduler_.Yield(kHere); });
  scheduler_.Spawn("two", [] {});
  injector_.Attach(&counter);
  scheduler_.Run();
  EXPECT_GE(counter.switches, 2);
  injector_.Detach();
  EXPECT_EQ(mm::FailureSource::Active(), nullptr);
  scheduler_.Spawn("three", [&] { scheduler_.Point(kHere); });
  const int before = counter.switches;
  scheduler_.Run();
  EXPECT_EQ(counter.switches, before + 1);
}

TEST_F(InjectorTest, EachInjectionIsAnEventOfTheTrace) {
  class Sink : public mm::TraceSink {
   public:
    void Emit(mm::TraceKind kind, std::string_view name,
              absl::Span<const mm::TraceField> fields) override {
      EXPECT_EQ(kind, mm::TraceKind::kInject);
      text = absl::StrCat(std::string(name), " ", std::string(fields[0].text),
                          " ", fields[1].number);
    }
    std::string text;
  } sink;
  trace_.Attach(&sink, 1u << unsigned(mm::TraceKind::kInject));
  injector_.Fail("alloc.anon", {.nth = 2});
  RunOne([] { (void)Tries(kAnon, 3); });
  trace_.Attach(nullptr, 0);
  EXPECT_EQ(sink.text, "alloc.anon fail 2");
}

}  // namespace
}  // namespace faultline::inject
