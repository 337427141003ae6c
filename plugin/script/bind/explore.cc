// explore{}: one scenario, every order of its steps.

#include "absl/strings/str_cat.h"
#include "plugin/script/exploration.h"
#include "plugin/script/interpreter.h"
#include "plugin/script/objects.h"

namespace faultline::script {
namespace {

// What explore{} was given, on the stack of its call.
class Scenario {
 public:
  Scenario(lua_State* l, int table) : l_(l), script_(Script::Of(l)) {
    lua_getfield(l, table, "setup");
    luaL_checktype(l, -1, LUA_TFUNCTION);
    setup_ = lua_gettop(l);
    lua_getfield(l, table, "actors");
    luaL_checktype(l, -1, LUA_TTABLE);
    actors_ = lua_gettop(l);
    lua_getfield(l, table, "check");
    check_ = lua_gettop(l);
    validate_ = BoolField(l, table, "validate", true);
  }

  RunEnd Run(mm::Strategy& strategy, bool keep_steps) {
    script_.NewWorld();
    script_.outcome.clear();
    RunEnd end;
    end.problem = Call(setup_, 0, 1);
    const int state = lua_gettop(l_);
    if (end.problem.empty()) {
      end.problem = RunActors(strategy, keep_steps, state, &end);
    } else {
      end.problem = absl::StrCat("setup: ", end.problem);
    }
    if (!end.problem.empty()) {
      script_.AbandonMachines();
    }
    lua_settop(l_, state - 1);
    script_.NewWorld();
    // The machines of this run go, or there would be as many as runs.
    lua_gc(l_, LUA_GCCOLLECT);
    return end;
  }

 private:
  std::string RunActors(mm::Strategy& strategy, bool keep_steps, int state,
                        RunEnd* end) {
    const lua_Integer n = luaL_len(l_, actors_);
    for (lua_Integer i = 1; i <= n; ++i) {
      lua_rawgeti(l_, actors_, i);
      luaL_checktype(l_, -1, LUA_TTABLE);
      lua_rawgeti(l_, -1, 1);
      const std::string name = GetString(l_, -1);
      lua_rawgeti(l_, -2, 2);
      luaL_checktype(l_, -1, LUA_TFUNCTION);
      lua_pushvalue(l_, state);
      script_.Spawn(l_, name, 1);
      lua_pop(l_, 2);
    }
    World& world = script_.world();
    std::unique_ptr<mm::Recorder> recorder;
    if (keep_steps) {
      world.KeepSteps();
      recorder =
          std::make_unique<mm::Recorder>(std::make_unique<Borrowed>(strategy));
    }
    world.conductor().set_inner(keep_steps ? recorder.get() : &strategy);
    std::string problem = script_.RunWorld();
    if (keep_steps) {
      end->steps = world.steps();
      end->schedule = recorder->Token().value_or("");
    }
    if (problem.empty() && validate_) {
      problem = ValidateAll();
    }
    if (problem.empty() && !lua_isnil(l_, check_)) {
      lua_pushvalue(l_, state);
      problem = Call(check_, 1, 0);
    }
    end->outcome = script_.outcome;
    return problem;
  }

  std::string ValidateAll() {
    for (const auto& m : script_.machines()) {
      if (const std::shared_ptr<Machine> machine = m.lock()) {
        if (std::string broken = script_.Validate(*machine); !broken.empty()) {
          return absl::StrCat("broken invariant: ", broken);
        }
      }
    }
    return "";
  }

  // Calls a function of the table's with the values on top.
  std::string Call(int function, int arguments, int results) {
    lua_pushvalue(l_, function);
    lua_insert(l_, -1 - arguments);
    if (lua_pcall(l_, arguments, results, 0) == LUA_OK) {
      return "";
    }
    size_t bytes = 0;
    const char* const text = luaL_tolstring(l_, -1, &bytes);
    const std::string problem(text, bytes);
    lua_pop(l_, 1);
    return problem;
  }

  // A strategy that somebody else owns.
  class Borrowed : public mm::Strategy {
   public:
    explicit Borrowed(mm::Strategy& lender) : lender_(lender) {}
    size_t Choose(const mm::Choice& choice) override {
      return lender_.Choose(choice);
    }
    std::string Name() const override { return lender_.Name(); }

   private:
    mm::Strategy& lender_;
  };

  lua_State* l_;
  Script& script_;
  int setup_ = 0, actors_ = 0, check_ = 0;
  bool validate_ = true;
};

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
  const RunEnd end = scenario.Run(**strategy, true);
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
  return PushExplored(l, Explore(**search, options,
                                 [&](mm::Strategy& strategy, bool keep_steps) {
                                   return scenario.Run(strategy, keep_steps);
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
