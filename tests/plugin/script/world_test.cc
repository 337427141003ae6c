// Who runs when, and what a run under all schedules finds.
// Covers: plugin/script/conductor.cc
// Covers: plugin/script/scenario.cc
// Covers: plugin/script/exploration.cc
// Covers: plugin/script/bind/world.cc
// Covers: plugin/script/bind/explore.cc

#include "plugin/script/world.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/script/interpreter.h"

namespace faultline::script {
namespace {

using ::testing::HasSubstr;

class WorldTest : public testing::Test {
 protected:
  std::string Run(const std::string& source, ScriptOptions options = {}) {
    options.print = [this](const std::string& text) { printed_ += text; };
    Script script(options);
    const absl::Status status = script.Run("test.lua", source);
    violated_ = script.report().violated;
    undecided_ = script.report().undecided;
    return violated_ && !script.report().notes.empty()
               ? script.report().notes.back()
               : std::string(status.message());
  }
  std::string printed_;
  bool violated_ = false, undecided_ = false;
};

TEST_F(WorldTest, AnActorRunsInsideAnothersWindow) {
  EXPECT_EQ(Run(R"(
    local log = ""
    local first = actor("first", function()
      log = log .. "a"
      point()
      log = log .. "b"
    end)
    local second = actor("second", function()
      log = log .. "1"
      point()
      log = log .. "2"
    end)
    at("script.point", first, function(who)
      require(who:name() == "first" and second:state() == "can run")
      let_run(second)
    end)
    run()
    require(log == "a12b", log)
  )"),
            "");
}

TEST_F(WorldTest, PausedActorsWaitForResume) {
  EXPECT_EQ(Run(R"(
    local log = ""
    local slow = actor("slow", function() log = log .. "s" end)
    actor("quick", function()
      log = log .. "q"
      yield()
      log = log .. "q"
      resume(slow)
      yield()
      log = log .. "q"
    end)
    pause(slow)
    run()
    require(log == "qqsq", log)
  )"),
            "");
}

TEST_F(WorldTest, DeadlocksAndBrokenRulesAreTold) {
  EXPECT_THAT(Run(R"(
    local m = machine{}
    local s = m:space()
    local a = s:map{at = 0x40000000, length = m:page()}
    local u = s:uffd()
    u:register(a, m:page(), "missing")
    actor("alone", function() s:touch(a) end)
    run()
  )"),
              HasSubstr("deadlock"));
  EXPECT_EQ(Run(R"(
    local m = machine{}
    local s = m:space()
    local a = s:map{at = 0x40000000, length = m:page()}
    s:uffd():register(a, m:page(), "missing")
    local gone = actor("alone", function() s:touch(a) end)
    actor("killer", function() sleep(1000); kill(gone) end)
    require(try_run() == nil)
  )"),
            "");
}

// Two who add to a counter in two steps, which loses one of them.
constexpr char kLostUpdate[] = R"(
  local r = explore{
    setup = function()
      local m = machine{}
      local s = m:space()
      local a = s:map{at = 0x40000000, length = m:page()}
      return {a = a, one = s:task(), two = s:task(), nested = {runs = 0}}
    end,
    actors = {
      {"one", function(s)
        s.nested.runs = s.nested.runs + 1
        local v = s.one:load(s.a)
        s.one:store(s.a, v + 1)
      end},
      {"two", function(s)
        s.nested.runs = s.nested.runs + 1
        local v = s.two:load(s.a)
        s.two:store(s.a, v + 1)
      end}},
    check = function(s)
      require(s.nested.runs == 2, "each run begins where setup() ended")
      outcome(s.one:load(s.a))
    end,
    search = arguments[1],
  }
  require(#r.problems == 0, r.problems[1] and r.problems[1].text)
  require(r.complete)
  require(#r.outcomes == 2 and r.outcomes[1].text == "1")
  require(r.outcomes[1].preemptions == 1 and r.outcomes[2].preemptions == 0)
  print(r.schedules)
  print(r.outcomes[1].schedule)
  print(r.outcomes[1].story)
)";

TEST_F(WorldTest, ExploringFindsWhatOneOrderHides) {
  ScriptOptions options;
  options.arguments = {"full:2"};
  EXPECT_EQ(Run(kLostUpdate, options), "");
  EXPECT_THAT(printed_, HasSubstr("user.access"));
  EXPECT_THAT(printed_, HasSubstr("one"));
}

TEST_F(WorldTest, AScheduleCanBeRunAgain) {
  ScriptOptions options;
  options.arguments = {"full:2"};
  ASSERT_EQ(Run(kLostUpdate, options), "");
  const size_t line = printed_.find('\n') + 1;
  options.replay_exploration = 0;
  options.replay_schedule =
      printed_.substr(line, printed_.find('\n', line) - line);
  printed_.clear();
  Run(kLostUpdate, options);
  EXPECT_THAT(printed_, HasSubstr("outcome: 1\n"));
}

TEST_F(WorldTest, AProblemInOneOrderIsTold) {
  EXPECT_EQ(Run(R"(
    local r = explore{
      setup = function() return {} end,
      actors = {{"a", function(s) point(); s.ready = true; point() end},
                {"b", function(s) point(); require(not s.ready, "too late")
                      end}},
      search = "full:2", expect = "problems"}
    require(#r.problems == 1 and not r.complete)
    require(r.problems[1].text:find("too late"), r.problems[1].text)
    require(r.problems[1].preemptions == 0)
  )"),
            "");
  EXPECT_EQ(Run(R"(
    local r = explore{
      setup = function() error("no beginning") end, expect = "problems",
      actors = {{"a", function() end}}}
    require(r.problems[1].text:find("no beginning"))
  )"),
            "");
  EXPECT_THAT(Run("explore{setup = 1}"), HasSubstr("function expected"));
  EXPECT_THAT(Run("explore{setup = function() end, actors = {{1}}}"),
              HasSubstr("expected"));
}

TEST_F(WorldTest, WhatExploringFindsIsTheScriptsVerdict) {
  const auto explore = [&](const std::string& more, bool fails) {
    (void)Run(absl::StrCat(
        "explore{setup = function() return {} end, actors = {",
        "{'a', function() point() ", fails ? "error('broken')" : "", " end},",
        "{'b', function() point() end}}, ", more, "}"));
    return violated_ ? "violated" : undecided_ ? "undecided" : "held";
  };
  EXPECT_EQ(explore("search = 'full:1'", false), std::string("held"));
  EXPECT_EQ(explore("search = 'full:1'", true), std::string("violated"));
  EXPECT_EQ(explore("expect = 'problems'", true), std::string("held"));
  EXPECT_EQ(explore("search = 'full:1', limit = 2", false),
            std::string("undecided"));
  EXPECT_EQ(
      explore("search = 'full:1', limit = 2, expect = 'unfinished'", false),
      std::string("held"));
  EXPECT_EQ(explore("search = 'random:3'", false), std::string("held"));
}

TEST_F(WorldTest, RefusesWhatWouldMeanNothing) {
  const std::string scenario =
      "{setup = function() return {} end, actors = {{'a', function() end}}";
  EXPECT_THAT(Run("explore" + scenario + ", limit = 0}"), HasSubstr("limit 0"));
  EXPECT_THAT(Run("explore" + scenario + ", search = 'random:0'}"),
              HasSubstr("random"));
  EXPECT_THAT(Run("explore" + scenario + ", expect = 'x'}"),
              HasSubstr("problems or unfinished"));
  EXPECT_THAT(Run("actor('a', function() explore" + scenario + "} end) run()"),
              HasSubstr("not from an actor"));
  EXPECT_EQ(
      Run("local r = explore{setup = function() explore" + scenario +
          "} end, actors = {}, expect = 'problems'} "
          "require(r.problems[1].text:find('another'), r.problems[1].text)"),
      "");
  EXPECT_THAT(Run("actor('a', run) run()"), HasSubstr("run already"));
  EXPECT_THAT(Run("at('nonsense', print)"), HasSubstr("no point is called"));
  EXPECT_THAT(Run("fail('pte.lock')"), HasSubstr("no site that can fail"));
  EXPECT_EQ(Run("at('user.access', print) at('script.point', print) "
                "at('pte.lock.locked', print) fail('alloc.anon', 7)"),
            "");
  EXPECT_THAT(Run("local a = actor('a', function() end) run() "
                  "at('script.point', a, print)"),
              HasSubstr("'a' has ended"));
  EXPECT_THAT(Run("for i = 1, 2000 do actor('a', print) end"),
              HasSubstr("more than 1000 actors"));
  EXPECT_THAT(Run("local all = {} for i = 1, 200 do "
                  "all[i] = machine{memory = 16 << 20} end"),
              HasSubstr("more than 100 machines"));
  EXPECT_EQ(Run("for i = 1, 200 do local m = machine{memory = 16 << 20} end"),
            "");
}

TEST_F(WorldTest, OneTaskIsOneActorsAtATime) {
  EXPECT_THAT(Run(R"(
    local m = machine{}
    local s = m:space()
    s:map{at = 0x40000000, length = 2 * m:page()}
    local uffd = s:uffd()
    uffd:register(0x40000000, m:page(), "missing")
    local task = s:task()
    actor("waits", function() task:store(0x40000000, 111) end)
    actor("other", function() task:store(0x40000000 + m:page(), 222) end)
    run()
  )"),
              HasSubstr("two actors use one task"));
}

TEST_F(WorldTest, AnErrorThatSpeaksOfAViolationIsNone) {
  EXPECT_THAT(Run("error('not violated: x')"), HasSubstr("not violated: x"));
  EXPECT_FALSE(violated_);
  Run("require(false, 'x')");
  EXPECT_TRUE(violated_);
  Run("local m = machine{} local s = m:space() "
      "s:uffd():register(s:map{at = 0x40000000}, m:page(), 'missing') "
      "actor('alone', function() s:touch(0x40000000) end) run()");
  EXPECT_TRUE(violated_) << "a deadlock";
}

// What is kept of a broken machine must not be kept in the arena of a scenario.
TEST_F(WorldTest, AProblemInsideAScenarioAndThenOneOutside) {
  EXPECT_EQ(Run(R"(
    for round = 1, 3 do
      local r = explore{
        setup = function() return {s = machine{}:space()} end,
        expect = "problems",
        actors = {{"a", function(s) require(false, "always") end}}}
      require(#r.problems == 1)
      local m = machine{}
      local s = m:space()
      s:uffd():register(s:map{at = 0x40000000}, m:page(), "missing")
      actor("alone", function() s:touch(0x40000000) end)
      require(try_run():find("deadlock"))
    end
  )"),
            "");
}

TEST_F(WorldTest, ObjectsOfAnotherRunAreRefused) {
  EXPECT_EQ(Run(R"(
    local kept
    local r = explore{
      setup = function() return {s = machine{}:space()} end,
      actors = {{"a", function(s) kept = kept or s.s:fork() end},
                {"b", function(s) point() end}},
      search = "full:1"}
    require(#r.problems == 0)
    kept = nil
  )"),
            "");
}

}  // namespace
}  // namespace faultline::script
