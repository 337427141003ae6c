// explore{}: one scenario, every order of its steps.

#include "absl/strings/str_cat.h"
#include "plugin/script/exploration.h"
#include "plugin/script/interpreter.h"
#include "plugin/script/objects.h"
#include "plugin/script/scenario.h"

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

// The one schedule that the script is run again for.
Explored Replay(lua_State* l, Scenario& scenario) {
  Script& script = Script::Of(l);
  auto strategy = mm::MakeReplay(script.options().replay_schedule);
  if (!strategy.ok()) {
    Raise(l, std::string(strategy.status().message()));
  }
  const RunEnd end = scenario.Run({.strategy = **strategy, .keep_steps = true});
  script.Print(RenderStory(end.steps));
  Explored result;
  result.schedules = 1;
  Finding& f = end.problem.empty() ? result.outcomes[end.outcome]
                                   : result.problems[end.problem];
  f.count = f.first = 1;
  f.schedule = end.schedule;
  f.story = RenderStory(end.steps);
  script.Print(absl::StrCat(end.problem.empty() ? "outcome: " : "violated: ",
                            end.problem.empty() ? end.outcome : end.problem,
                            "\n"));
  return result;
}

int ExploreFn(lua_State* l) {
  luaL_checktype(l, 1, LUA_TTABLE);
  CheckFields(
      l, 1, {"setup", "actors", "check", "search", "limit", "all", "validate"});
  Script& script = Script::Of(l);
  const int number = script.NextExploration();
  std::string how = StringField(l, 1, "search", "exhaustive");
  if (!script.options().search.empty()) {
    how = script.options().search;
  }
  ExploreOptions options;
  options.limit = NumberField(l, 1, "limit", options.limit);
  options.all = BoolField(l, 1, "all", false);
  auto search = explore::ParseSearch(how, script.options().seed);
  if (!search.ok()) {
    Raise(l, std::string(search.status().message()));
  }
  Scenario scenario(l, 1);
  if (script.options().replay_exploration == number) {
    return PushExplored(l, Replay(l, scenario));
  }
  return PushExplored(
      l, Explore(**search, options, [&](const RunRequest& request) {
        return scenario.Run(request);
      }));
}

constexpr ApiFunction kFunctions[] = {
    {"explore", ExploreFn,
     "explore{setup=, actors={{name, function}, ...}, check=, "
     "search='exhaustive:2', limit=, all=false, validate=true} -> table",
     "Runs a scenario under many schedules: setup() makes it and returns its "
     "state, the actors run with that, then check(state) says what must hold. "
     "The search is exhaustive:PREEMPTIONS, random:RUNS or pct:DEPTH:RUNS. It "
     "ends with the first problem unless `all` is true. The table has "
     "schedules (how many were run), complete (that is all there are), "
     "outcomes and problems: lists of {text, count, first, preemptions, "
     "schedule, story}."},
};
constexpr ApiClass kApi = {"", "Orders of events.", kFunctions};

}  // namespace

const ApiClass& ExploreApi() { return kApi; }

}  // namespace faultline::script
