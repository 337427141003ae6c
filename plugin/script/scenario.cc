#include "plugin/script/scenario.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "plugin/rewind/machine_state.h"
#include "plugin/script/interpreter.h"

namespace faultline::script {
namespace {

// Fibers and contexts beyond one for each actor: for daemons of the kernel's.
constexpr int kSpare = 4;
constexpr int kDeepest = 32;  // tables in tables of a state
constexpr uint64_t kRunsPerCollection = 256;

// Strategies and listeners outlive the run: what they remember is not the
// arena's.
class OutsideStrategy : public mm::Strategy {
 public:
  explicit OutsideStrategy(mm::Strategy& inner) : inner_(inner) {}
  size_t Choose(const mm::Choice& choice) override {
    const rewind::OutsideArena outside;
    return inner_.Choose(choice);
  }
  std::string Name() const override { return inner_.Name(); }

 private:
  mm::Strategy& inner_;
};

class OutsideFootprint : public mm::Footprint {
 public:
  explicit OutsideFootprint(mm::Footprint* inner) : inner_(inner) {}
  void OnRead(const void* object) override {
    const rewind::OutsideArena outside;
    inner_->OnRead(object);
  }
  void OnWrite(const void* object) override {
    const rewind::OutsideArena outside;
    inner_->OnWrite(object);
  }

 private:
  mm::Footprint* inner_;
};

// Replaces the value on top by a copy of it: tables are copied, anything else
// is itself.
void CopyTop(lua_State* l, int depth) {
  if (!lua_istable(l, -1)) {
    return;
  }
  if (depth == kDeepest || lua_checkstack(l, 8) == 0) {
    Raise(l, "explore: the state of setup() has too many tables in tables");
  }
  const int from = lua_gettop(l);
  lua_newtable(l);
  lua_pushnil(l);
  while (lua_next(l, from) != 0) {
    CopyTop(l, depth + 1);
    lua_pushvalue(l, -2);
    lua_insert(l, -2);
    lua_rawset(l, from + 1);
  }
  lua_remove(l, from);
}

std::string TakeError(lua_State* l) {
  size_t bytes = 0;
  const char* const text = luaL_tolstring(l, -1, &bytes);
  std::string problem(text, bytes);
  lua_pop(l, 2);
  return problem;
}

}  // namespace

Scenario::Scenario(lua_State* l, int table) : l_(l), script_(Script::Of(l)) {
  lua_getfield(l, table, "setup");
  luaL_checktype(l, -1, LUA_TFUNCTION);
  setup_ = lua_gettop(l);
  lua_getfield(l, table, "actors");
  luaL_checktype(l, -1, LUA_TTABLE);
  actors_ = lua_gettop(l);
  lua_getfield(l, table, "check");
  check_ = lua_gettop(l);
  validate_ = BoolField(l, table, "validate", true);
  const lua_Integer n = luaL_len(l, actors_);
  for (lua_Integer i = 1; i <= n; ++i) {
    lua_rawgeti(l, actors_, i);
    luaL_checktype(l, -1, LUA_TTABLE);
    lua_rawgeti(l, -1, 1);
    luaL_checktype(l, -1, LUA_TSTRING);
    lua_rawgeti(l, -2, 2);
    luaL_checktype(l, -1, LUA_TFUNCTION);
    lua_pop(l, 3);
  }
}

Scenario::~Scenario() {
  if (arena_ == nullptr) {
    return;
  }
  if (checkpoint_ != nullptr) {
    checkpoint_->Restore();
    checkpoint_ = nullptr;
  }
  // What setup() has made ends as things end, before its memory goes.
  script_.Undo(saved_, script_.time() + 1);
  script_.NextTime();
  {
    const rewind::InsideArena inside(arena_.get());
    luaL_unref(l_, LUA_REGISTRYINDEX, state_);
    script_.ForgetThreads();
    lua_gc(l_, LUA_GCCOLLECT);
    script_.DropStage();
  }
  script_.Undo(begun_, script_.time() + 1);
  script_.NextTime();
  script_.NewStage();
  arena_ = nullptr;
  script_.HoldCollector(false);
}

RunEnd Scenario::Run(const RunRequest& request) {
  // A trace begins with the scenario's making.
  const bool traced = request.traced && script_.trace().wanted();
  if (traced || !rewind::Arena::Supported()) {
    return RunAfresh({.strategy = request.strategy,
                      .keep_steps = request.keep_steps,
                      .traced = traced});
  }
  if (!ready_ && no_beginning_.empty()) {
    no_beginning_ = MakeBeginning();
    ready_ = no_beginning_.empty();
  }
  if (!ready_) {
    RunEnd end;
    end.problem = absl::StrCat("setup: ", no_beginning_);
    return end;
  }
  return RunFromBeginning(request);
}

RunEnd Scenario::RunAfresh(const RunRequest& request) {
  script_.NewStage();
  if (request.traced) {
    script_.trace().Resume();
  }
  RunEnd end;
  const int top = lua_gettop(l_);
  end.problem = Call(setup_, 0, 1);
  if (end.problem.empty()) {
    end = RunActors(request);
  } else {
    end.problem = absl::StrCat("setup: ", end.problem);
  }
  if (request.traced) {
    script_.trace().Pause();
  }
  if (!end.problem.empty()) {
    script_.AbandonMachines();
  }
  lua_settop(l_, top);
  script_.NewStage();
  // The machines of this run go, or there would be as many as runs.
  lua_gc(l_, LUA_GCCOLLECT);
  return end;
}

std::string Scenario::MakeBeginning() {
  // Once outside: what the program makes when it is first asked for, and keeps,
  // is not to be in the arena.
  const std::unique_ptr<mm::Strategy> usual = mm::MakeRoundRobin();
  const RunEnd first = RunAfresh({.strategy = *usual});
  if (first.problem.starts_with("setup: ")) {
    return first.problem.substr(7);
  }
  arena_ = std::make_unique<rewind::Arena>();
  if (!arena_->ok()) {
    return "the host has no room";
  }
  script_.HoldCollector(true);
  script_.NextTime();
  begun_ = script_.time();
  checkpoint_ = std::make_unique<rewind::Checkpoint>();
  const lua_Integer actors = luaL_len(l_, actors_);
  const rewind::InsideArena inside(arena_.get());
  script_.NewStage();
  if (const std::string problem = Call(setup_, 0, 1); !problem.empty()) {
    const rewind::OutsideArena outside;
    return std::string(problem.c_str());
  }
  state_ = luaL_ref(l_, LUA_REGISTRYINDEX);
  // Stacks and contexts that a run would otherwise have the host make, and
  // nobody would give back.
  for (lua_Integer i = 0; i < actors + kSpare; ++i) {
    script_.world().Spawn("warm", [] {});
  }
  std::string problem;
  script_.RunWorld(&problem);
  for (const auto& m : script_.stage().machines) {
    if (const std::shared_ptr<Machine> machine = m.lock()) {
      machine->code().Reserve(size_t(actors) + kSpare);
      machine->cpu().Unload();
      const rewind::OutsideArena outside;
      rewind::AddMemory(*checkpoint_, machine->memory(), machine->cpu());
    }
  }
  script_.NextTime();
  saved_ = script_.time();
  const rewind::OutsideArena outside;
  checkpoint_->Add(arena_->base(), arena_->used());
  return checkpoint_->Save() ? "" : "the host cannot watch memory";
}

RunEnd Scenario::RunFromBeginning(const RunRequest& request) {
  checkpoint_->Restore();
  script_.NextTime();
  script_.Undo(saved_, script_.time());
  if (++runs_ % kRunsPerCollection == 0) {
    lua_gc(l_, LUA_GCCOLLECT);
  }
  const int top = lua_gettop(l_);
  lua_rawgeti(l_, LUA_REGISTRYINDEX, state_);
  CopyTop(l_, 0);
  OutsideStrategy strategy(request.strategy);
  OutsideFootprint footprint(request.footprint);
  RunEnd end;
  {
    const rewind::InsideArena inside(arena_.get());
    const RunEnd made = RunActors(
        {.strategy = strategy,
         .footprint = request.footprint == nullptr ? nullptr : &footprint,
         .keep_steps = request.keep_steps});
    const rewind::OutsideArena outside;
    end = made;  // with memory of its own
    script_.ForgetThreads();
  }
  lua_settop(l_, top);
  return end;
}

RunEnd Scenario::RunActors(const RunRequest& request) {
  const int state = lua_gettop(l_);
  script_.stage().outcome.clear();
  const lua_Integer n = luaL_len(l_, actors_);
  for (lua_Integer i = 1; i <= n; ++i) {
    lua_rawgeti(l_, actors_, i);
    lua_rawgeti(l_, -1, 1);
    const std::string name = GetString(l_, -1);
    lua_rawgeti(l_, -2, 2);
    lua_pushvalue(l_, state);
    script_.Spawn(l_, name, 1);
    lua_pop(l_, 2);
  }
  World& world = script_.world();
  std::unique_ptr<mm::Recorder> recorder;
  if (request.keep_steps) {
    world.KeepSteps();
    recorder = std::make_unique<mm::Recorder>(
        std::make_unique<OutsideStrategy>(request.strategy));
  }
  world.conductor().set_inner(request.keep_steps
                                  ? static_cast<mm::Strategy*>(recorder.get())
                                  : &request.strategy);
  RunEnd end;
  mm::Footprint* const before = mm::Footprint::Install(request.footprint);
  const World::End how = script_.RunWorld(&end.problem);
  mm::Footprint::Install(before);
  if (request.keep_steps) {
    end.steps = world.steps();
    end.schedule = recorder->Token().value_or("");
  }
  if (how == World::End::kBrokenOff) {
    return end;
  }
  if (end.problem.empty() && validate_) {
    end.problem = ValidateAll();
  }
  if (end.problem.empty() && !lua_isnil(l_, check_)) {
    lua_pushvalue(l_, state);
    end.problem = Call(check_, 1, 0);
  }
  end.outcome = script_.stage().outcome;
  return end;
}

std::string Scenario::ValidateAll() {
  for (const auto& m : script_.stage().machines) {
    if (const std::shared_ptr<Machine> machine = m.lock()) {
      if (const std::string broken = script_.Validate(*machine);
          !broken.empty()) {
        return absl::StrCat("broken invariant: ", broken);
      }
    }
  }
  return "";
}

// Calls a function of the table's with the values on top.
std::string Scenario::Call(int function, int arguments, int results) {
  lua_pushvalue(l_, function);
  lua_insert(l_, -1 - arguments);
  if (lua_pcall(l_, arguments, results, 0) == LUA_OK) {
    return "";
  }
  return TakeError(l_);
}

}  // namespace faultline::script
