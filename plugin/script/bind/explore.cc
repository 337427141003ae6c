// explore{}: one scenario, every order of its steps.

#include "absl/strings/str_cat.h"
#include "plugin/script/exploration.h"
#include "plugin/script/interpreter.h"
#include "plugin/script/objects.h"
#include "plugin/script/scenario.h"
#include "plugin/trace/text_hash.h"

namespace faultline::script {
namespace {

void PushFindings(lua_State* l, const char* name,
                  const std::map<std::string, Finding>& findings) {
  lua_newtable(l);
  lua_Integer i = 0;
  for (const auto& [text, f] : findings) {
    lua_newtable(l);
    PushString(l, text);
    lua_setfield(l, -2, "text");
    PushString(l, f.schedule);
    lua_setfield(l, -2, "schedule");
    PushString(l, f.story);
    lua_setfield(l, -2, "story");
    PushString(l, f.token);
    lua_setfield(l, -2, "token");
    lua_pushinteger(l, lua_Integer(f.count));
    lua_setfield(l, -2, "count");
    lua_pushinteger(l, lua_Integer(f.first));
    lua_setfield(l, -2, "first");
    lua_pushinteger(l, lua_Integer(f.preemptions));
    lua_setfield(l, -2, "preemptions");
    lua_rawseti(l, -2, ++i);
  }
  lua_setfield(l, -2, name);
}

int PushExplored(lua_State* l, const Explored& e) {
  lua_newtable(l);
  lua_pushinteger(l, lua_Integer(e.schedules));
  lua_setfield(l, -2, "schedules");
  lua_pushboolean(l, e.complete);
  lua_setfield(l, -2, "complete");
  PushFindings(l, "outcomes", e.outcomes);
  PushFindings(l, "problems", e.problems);
  return 1;
}

uint64_t HashOf(const std::string& story) {
  trace::TextHash hash;
  hash.Add(story);
  return hash.value();
}

// The one schedule that the script is run again for.
Explored Replay(lua_State* l, Scenario& scenario) {
  Script& script = Script::Of(l);
  auto strategy = mm::MakeReplay(script.options().replay_schedule);
  if (!strategy.ok()) {
    Raise(l, std::string(strategy.status().message()));
  }
  const RunEnd end = scenario.Run(
      {.strategy = **strategy, .keep_steps = true, .traced = true});
  const bool fine = end.problem.empty();
  Explored result;
  result.schedules = 1;
  Finding& f =
      fine ? result.outcomes[end.outcome] : result.problems[end.problem];
  f.count = f.first = 1;
  f.schedule = end.schedule;
  f.story = RenderStory(end.steps);
  script.replayed_hash = HashOf(f.story);
  script.Print(absl::StrCat(f.story, "\n", fine ? "outcome: " : "violated: ",
                            fine ? end.outcome : end.problem, "\n"));
  return result;
}

void MakeTokens(Script& script, int number, Explored& explored) {
  if (!script.options().make_token) {
    return;
  }
  for (auto* const findings : {&explored.problems, &explored.outcomes}) {
    for (auto& [text, f] : *findings) {
      f.token =
          script.options().make_token(number, f.schedule, HashOf(f.story));
    }
  }
}

// Without an arena (sanitizers) nothing lies at the same address twice, so
// there is no reduction, and each run costs milliseconds: one preemption must
// do.
std::string WithoutArena(std::string search) {
  const bool exhaustive =
      search.starts_with("exhaustive") || search.starts_with("full");
  return exhaustive && !rewind::Arena::Supported() && !search.ends_with(":0")
             ? "full:1"
             : search;
}

// What it means for the script's verdict, unless that is what it `expect`s: a
// problem is a violation, and an exhaustive search that was cut off has decided
// nothing.
void Judge(Report& report, const Explored& explored, bool exhaustive,
           const std::string& expect) {
  if (!explored.problems.empty()) {
    report.violated = report.violated || expect != "problems";
  } else if (exhaustive && !explored.complete && expect != "unfinished") {
    report.undecided = true;
  }
}

int ExploreFn(lua_State* l) {
  luaL_checktype(l, 1, LUA_TTABLE);
  CheckFields(l, 1,
              {"setup", "actors", "check", "search", "limit", "all", "validate",
               "expect"});
  Script& script = Script::Of(l);
  const Script::Exploring exploring(script);
  if (mm::Scheduler::Active() != nullptr || exploring.nested()) {
    Raise(l,
          "explore{} runs actors of its own: not from an actor, nor from "
          "another's setup()");
  }
  const std::string expect = StringField(l, 1, "expect", "");
  if (!expect.empty() && expect != "problems" && expect != "unfinished") {
    Raise(l, absl::StrCat("expect '", expect, "': problems or unfinished"));
  }
  const int number = script.NextExploration();
  std::string how = StringField(l, 1, "search", "exhaustive");
  if (!script.options().search.empty()) {
    how = script.options().search;
  }
  ExploreOptions options;
  options.limit = NumberField(l, 1, "limit", options.limit);
  if (options.limit == 0) {
    Raise(l, "limit 0: nothing would be run");
  }
  options.all = BoolField(l, 1, "all", false);
  const bool exhaustive =
      how.starts_with("exhaustive") || how.starts_with("full");
  auto search = explore::ParseSearch(WithoutArena(how), script.options().seed);
  if (!search.ok()) {
    Raise(l, std::string(search.status().message()));
  }
  Scenario scenario(l, 1);
  if (script.options().replay_exploration == number) {
    return PushExplored(l, Replay(l, scenario));
  }
  const PausedTrace paused(script.trace());
  Explored explored =
      Explore(**search, options,
              [&](const RunRequest& request) { return scenario.Run(request); });
  Judge(script.report(), explored, exhaustive, expect);
  MakeTokens(script, number, explored);
  script.report().histograms.push_back(RenderHistogram(explored));
  return PushExplored(l, explored);
}

constexpr ApiFunction kFunctions[] = {
    {"explore", ExploreFn,
     "explore{setup=, actors={{name, function}, ...}, check=, "
     "search='exhaustive:2', limit=, all=false, validate=true, expect=} -> "
     "table",
     "Runs a scenario under many schedules: setup() makes it and returns its "
     "state, the actors run with that, then check(state) says what must hold. "
     "The search is exhaustive:PREEMPTIONS, random:RUNS or pct:DEPTH:RUNS. It "
     "ends with the first problem unless `all` is true. A problem is a "
     "violation, unless expect='problems', and an exhaustive search that the "
     "limit cuts off is undecided, unless expect='unfinished'. The table has "
     "schedules (how many were run), complete (that is all there are), "
     "outcomes and problems: lists of {text, count, first, preemptions, "
     "schedule, story, token}."},
};
constexpr ApiClass kApi = {"", "Orders of events.", kFunctions};

}  // namespace

const ApiClass& ExploreApi() { return kApi; }

}  // namespace faultline::script
