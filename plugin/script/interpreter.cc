#include "plugin/script/interpreter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check_handler.h"
#include "plugin/rewind/arena.h"
#include "plugin/script/objects.h"
#include "plugin/script/sandbox.h"

namespace faultline::script {
namespace {

[[noreturn]] void ThrowBroken(const char*, int, const char* what) {
  throw std::string(what);
}

}  // namespace

Script& Script::Of(lua_State* l) {
  return **static_cast<Script**>(lua_getextraspace(l));
}

Script::Script(ScriptOptions options)
    : options_(std::move(options)), trace_(options_.trace) {
  if (!options_.print) {
    options_.print = [](const std::string&) {};
  }
  lua_ = NewSandbox();
  *static_cast<Script**>(lua_getextraspace(lua_)) = this;
  RegisterClass(lua_, ApiOf<Machine>(), DestroyObject<Machine>);
  RegisterClass(lua_, ApiOf<Space>(), DestroyObject<Space>);
  RegisterClass(lua_, ApiOf<MemoryFile>(), DestroyObject<MemoryFile>);
  RegisterClass(lua_, ApiOf<Uffd>(), DestroyObject<Uffd>);
  RegisterClass(lua_, ApiOf<UserTask>(), DestroyObject<UserTask>);
  RegisterClass(lua_, ApiOf<Pins>(), DestroyObject<Pins>);
  RegisterClass(lua_, ApiOf<TableLock>(), DestroyObject<TableLock>);
  RegisterClass(lua_, ApiOf<ActorRef>(), DestroyObject<ActorRef>);
  for (const ApiClass* const c : {&WorldApi(), &ReportApi(), &ExploreApi()}) {
    for (const ApiFunction& f : c->functions) {
      lua_pushcfunction(lua_, f.function);
      lua_setglobal(lua_, f.name);
    }
  }
  lua_newtable(lua_);
  for (size_t i = 0; i < options_.arguments.size(); ++i) {
    PushString(lua_, options_.arguments[i]);
    lua_rawseti(lua_, -2, lua_Integer(i + 1));
  }
  lua_setglobal(lua_, "arguments");
  PushString(lua_,
             options_.machine.arch == engine::Arch::kX86 ? "x86_64" : "arm64");
  lua_setglobal(lua_, "arch");
  NewStage();
}

Script::~Script() {
  DropStage();
  CloseSandbox(lua_);
}

void Script::DropStage() {
  if (stage_ != nullptr) {
    ForgetThreads();
    trace_.WorldEnds();
  }
  stage_ = nullptr;
}

void Script::NewStage() {
  DropStage();
  stage_ = std::make_unique<Stage>();
  trace_.Watch(stage_->world);
}

void Script::NewWorld() {
  std::vector<std::weak_ptr<Machine>> machines = std::move(stage_->machines);
  Failures failures = std::move(stage_->failures);
  NewStage();
  stage_->machines = std::move(machines);
  stage_->failures = std::move(failures);
}

void Script::ForgetThreads() {
  for (const auto& [id, thread] : stage_->threads) {
    lua_pushnil(lua_);
    lua_rawsetp(lua_, LUA_REGISTRYINDEX, thread);
  }
  stage_->threads.clear();
}

uint64_t PresentTime(lua_State* l) { return Script::Of(l).time(); }
bool NeverWas(lua_State* l, uint64_t made_at) {
  return Script::Of(l).NeverWas(made_at);
}

void Script::Undo(uint64_t from, uint64_t to) {
  if (!undone_.empty() && undone_.back().first == from) {
    undone_.back().second = to;
  } else if (from < to) {
    undone_.emplace_back(from, to);
  }
}

bool Script::NeverWas(uint64_t made_at) const {
  for (const auto& [from, to] : undone_) {
    if (made_at >= from && made_at < to) {
      return true;
    }
  }
  return false;
}

void Script::HoldCollector(bool hold) {
  collector_held_ = hold;
  lua_gc(lua_, hold ? LUA_GCSTOP : LUA_GCRESTART);
}

absl::Status Script::Run(const std::string& name, const std::string& source) {
  const mm::ScopedFailures failures(this);
  name_ = name;
  const std::string chunk = absl::StrCat("@", name);
  if (options_.replay_exploration < 0) {
    trace_.Resume();
  }
  int status =
      luaL_loadbufferx(lua_, source.data(), source.size(), chunk.c_str(), "t");
  if (status == LUA_OK) {
    status = lua_pcall(lua_, 0, 0, 0);
  }
  trace_.Pause();  // how machines are taken down is nobody's story
  if (status == LUA_OK) {
    return absl::OkStatus();
  }
  size_t bytes = 0;
  const char* const text = luaL_tolstring(lua_, -1, &bytes);
  const std::string message(text, bytes);
  lua_pop(lua_, 2);
  // Behind the place where it was found: file:line.
  const auto says = [&message](const char* what) {
    return message.find(absl::StrCat(": ", what)) != std::string::npos;
  };
  if (says("violated: ") || says("deadlock: ") || says("broken invariant: ")) {
    report_.violated = true;
    report_.notes.push_back(message);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(message);
}

mm::Actor& Script::Spawn(lua_State* l, const std::string& name, int arguments) {
  lua_State* const thread = lua_newthread(lua_);
  // Reachable for as long as the world is there.
  lua_rawsetp(lua_, LUA_REGISTRYINDEX, thread);
  lua_xmove(l, thread, arguments + 1);
  mm::Actor& actor = stage_->world.Spawn(
      name, [this, thread, arguments] { CallActor(thread, arguments); });
  stage_->threads[actor.id()] = thread;
  return actor;
}

void Script::CallActor(lua_State* thread, int arguments) {
  if (lua_pcall(thread, arguments, 0, 0) != LUA_OK) {
    size_t bytes = 0;
    const char* const text = luaL_tolstring(thread, -1, &bytes);
    stage_->world.Fail(std::string(text, bytes));
    lua_pop(thread, 2);
  }
}

void Script::CallHook(mm::Actor& actor, int function) {
  const auto it = stage_->threads.find(actor.id());
  lua_State* const thread = it == stage_->threads.end() ? lua_ : it->second;
  if (lua_checkstack(thread, LUA_MINSTACK) == 0) {
    stage_->world.Fail("too deep in the script's stack for a hook");
    return;
  }
  lua_rawgeti(thread, LUA_REGISTRYINDEX, function);
  auto ref = std::make_shared<ActorRef>();
  ref->id = actor.id();
  ref->name = actor.name();
  Push(thread, std::move(ref));
  if (lua_pcall(thread, 1, 0, 0) != LUA_OK) {
    size_t bytes = 0;
    const char* const text = luaL_tolstring(thread, -1, &bytes);
    stage_->world.Fail(std::string(text, bytes));
    lua_pop(thread, 2);
  }
}

World::End Script::RunWorld(std::string* problem) {
  // A collection would end objects, and take their locks, wherever an actor
  // happens to be.
  lua_gc(lua_, LUA_GCSTOP);
  const World::End end = stage_->world.Run();
  if (!collector_held_) {
    lua_gc(lua_, LUA_GCRESTART);
  }
  *problem = stage_->world.problem();
  if (end != World::End::kDone) {
    AbandonMachines();
  }
  return end;
}

std::string Script::Validate(Machine& machine) {
  const CheckHandler before = SetCheckHandler(&ThrowBroken);
  std::string broken;
  try {
    machine.Validate();
  } catch (const std::string& what) {
    broken = what;
  }
  SetCheckHandler(before);
  if (!broken.empty()) {
    AbandonMachines();
  }
  return broken;
}

void Script::AbandonMachines() {
  // What lies in an arena goes with it; all else is kept for ever.
  const bool in_arena = rewind::Arena::Active() != nullptr;
  for (const std::weak_ptr<Machine>& m : stage_->machines) {
    if (std::shared_ptr<Machine> machine = m.lock()) {
      machine->Abandon();
      if (!in_arena) {
        static auto* const kept = new std::vector<std::shared_ptr<Machine>>();
        kept->push_back(std::move(machine));
      }
    }
  }
}

}  // namespace faultline::script
