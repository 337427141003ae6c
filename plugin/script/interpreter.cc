#include "plugin/script/interpreter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check_handler.h"
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

Script::Script(ScriptOptions options) : options_(std::move(options)) {
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
  NewWorld();
}

Script::~Script() {
  world_ = nullptr;
  lua_close(lua_);
}

void Script::NewWorld() {
  // Threads of the last world's actors are garbage from now on.
  for (const auto& [id, thread] : threads_) {
    lua_pushnil(lua_);
    lua_rawsetp(lua_, LUA_REGISTRYINDEX, thread);
  }
  threads_.clear();
  world_ = std::make_unique<World>();
}

absl::Status Script::Run(const std::string& name, const std::string& source) {
  name_ = name;
  const std::string chunk = absl::StrCat("@", name);
  int status =
      luaL_loadbufferx(lua_, source.data(), source.size(), chunk.c_str(), "t");
  if (status == LUA_OK) {
    status = lua_pcall(lua_, 0, 0, 0);
  }
  if (status == LUA_OK) {
    return absl::OkStatus();
  }
  size_t bytes = 0;
  const char* const text = luaL_tolstring(lua_, -1, &bytes);
  const std::string message(text, bytes);
  lua_pop(lua_, 2);
  if (message.find("violated: ") != std::string::npos) {
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
  mm::Actor& actor = world_->Spawn(
      name, [this, thread, arguments] { CallActor(thread, arguments); });
  threads_[actor.id()] = thread;
  return actor;
}

void Script::CallActor(lua_State* thread, int arguments) {
  if (lua_pcall(thread, arguments, 0, 0) != LUA_OK) {
    size_t bytes = 0;
    const char* const text = luaL_tolstring(thread, -1, &bytes);
    world_->Fail(std::string(text, bytes));
    lua_pop(thread, 2);
  }
}

void Script::CallHook(mm::Actor& actor, int function) {
  const auto it = threads_.find(actor.id());
  lua_State* const thread = it == threads_.end() ? lua_ : it->second;
  if (lua_checkstack(thread, LUA_MINSTACK) == 0) {
    world_->Fail("too deep in the script's stack for a hook");
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
    world_->Fail(std::string(text, bytes));
    lua_pop(thread, 2);
  }
}

std::string Script::RunWorld() {
  // A collection would end objects, and take their locks, wherever an actor
  // happens to be.
  lua_gc(lua_, LUA_GCSTOP);
  const World::End end = world_->Run();
  lua_gc(lua_, LUA_GCRESTART);
  if (end == World::End::kDone) {
    return "";
  }
  AbandonMachines();
  return world_->problem();
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
  static auto* const kept = new std::vector<std::shared_ptr<Machine>>();
  for (const std::weak_ptr<Machine>& m : machines_) {
    if (std::shared_ptr<Machine> machine = m.lock()) {
      machine->Abandon();
      kept->push_back(std::move(machine));
    }
  }
  machines_.clear();
}

}  // namespace faultline::script
