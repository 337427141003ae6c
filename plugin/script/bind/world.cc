// The scenario: machines, actors, and who runs when.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "guest_mm/fault/fault_rules.h"
#include "plugin/inject/site_list.h"
#include "plugin/script/interpreter.h"
#include "plugin/script/objects.h"
#include "plugin/script/user_task.h"

namespace faultline::script {
namespace {

absl::StatusOr<mm::BehaviourSet> Behaviours(
    const std::string& kernel, const std::vector<std::string>& overrides) {
  mm::BehaviourSet set;
  if (!kernel.empty()) {
    auto of_kernel = mm::BehaviourSet::ForKernel(kernel);
    if (!of_kernel.ok()) {
      return of_kernel.status();
    }
    set = *of_kernel;
  }
  for (const std::string& o : overrides) {
    if (absl::Status s = set.Override(o); !s.ok()) {
      return s;
    }
  }
  return set;
}

constexpr size_t kMostMachines = 100;

int MakeMachine(lua_State* l) {
  Script& script = Script::Of(l);
  CheckFields(l, 1,
              {"arch", "kernel", "behaviours", "memory", "swap", "rules"});
  MachineOptions o = script.options().machine;
  const std::string arch = StringField(
      l, 1, "arch", o.arch == engine::Arch::kX86 ? "x86_64" : "arm64");
  if (arch != "x86_64" && arch != "arm64") {
    Raise(l, absl::StrCat("arch '", arch, "': x86_64 or arm64"));
  }
  o.arch = arch == "arm64" ? engine::Arch::kArm64 : engine::Arch::kX86;
  o.memory_bytes = NumberField(l, 1, "memory", o.memory_bytes);
  o.swap_bytes = NumberField(l, 1, "swap", o.swap_bytes);
  std::vector<std::string> overrides = script.options().behaviours;
  if (PushField(l, 1, "behaviours")) {
    luaL_checktype(l, -1, LUA_TTABLE);
    const int list = lua_gettop(l);
    for (lua_Integer i = 1; lua_rawgeti(l, list, i) != LUA_TNIL; ++i) {
      overrides.push_back(GetString(l, -1));
      lua_pop(l, 1);
    }
    lua_pop(l, 2);
  }
  auto behaviours = Behaviours(
      StringField(l, 1, "kernel", script.options().kernel), overrides);
  if (!behaviours.ok()) {
    Raise(l, std::string(behaviours.status().message()));
  }
  o.behaviours = *behaviours;
  o.fault_rules = StringField(l, 1, "rules", "");
  auto& machines = script.stage().machines;
  const auto forget = [&machines] {
    std::erase_if(machines, [](const auto& m) { return m.expired(); });
  };
  forget();
  if (machines.size() >= kMostMachines) {
    lua_gc(l, LUA_GCCOLLECT);
    forget();
  }
  if (machines.size() >= kMostMachines) {
    Raise(l, absl::StrCat("more than ", kMostMachines, " machines at a time"));
  }
  auto made = Machine::Create(o);
  if (!made.ok()) {
    Raise(l, std::string(made.status().message()));
  }
  (*made)->memory().thp().settings.enabled = mm::ThpEnabled::kNever;
  machines.push_back(*made);
  Script::Of(l).trace().Add(*made);
  return Push(l, *std::move(made));
}

int FaultRulesFn(lua_State* l) {
  lua_newtable(l);
  lua_Integer n = 0;
  for (const mm::FaultRule& rule : mm::FaultRules()) {
    lua_newtable(l);
    PushString(l, std::string(rule.arch));
    lua_setfield(l, -2, "arch");
    PushString(l, mm::ToString(rule.since));
    lua_setfield(l, -2, "since");
    PushString(l, std::string(rule.note));
    lua_setfield(l, -2, "note");
    lua_rawseti(l, -2, ++n);
  }
  return 1;
}

int MakeActor(lua_State* l) {
  constexpr size_t kMostActors = 1000;
  const std::string name = GetString(l, 1);
  luaL_checktype(l, 2, LUA_TFUNCTION);
  const int arguments = lua_gettop(l) - 2;
  if (Script::Of(l).world().scheduler().actors().size() >= kMostActors) {
    Raise(l, absl::StrCat("more than ", kMostActors, " actors"));
  }
  const mm::Actor& actor = Script::Of(l).Spawn(l, name, arguments);
  auto ref = std::make_shared<ActorRef>();
  ref->id = actor.id();
  ref->name = name;
  return Push(l, std::move(ref));
}

mm::Actor* Find(Script& script, uint32_t id) {
  for (const auto& actor : script.world().scheduler().actors()) {
    if (actor->id() == id && actor->state() != mm::Actor::State::kDone) {
      return actor.get();
    }
  }
  return nullptr;
}

void CheckNobodyRuns(lua_State* l) {
  if (mm::Scheduler::Active() != nullptr) {
    Raise(l, "the actors run already");
  }
}

int RunActors(lua_State* l) {
  CheckNobodyRuns(l);
  Script& script = Script::Of(l);
  std::string problem;
  script.RunWorld(&problem);
  script.NewWorld();
  if (!problem.empty()) {
    Raise(l, problem);
  }
  return 0;
}

int TryRun(lua_State* l) {
  CheckNobodyRuns(l);
  Script& script = Script::Of(l);
  std::string problem;
  script.RunWorld(&problem);
  script.NewWorld();
  if (problem.empty()) {
    lua_pushnil(l);
    return 1;
  }
  return PushString(l, problem);
}

// A name that nobody passes would be a property that cannot fail.
void CheckSite(lua_State* l, inject::SiteKind kind, const std::string& name) {
  for (const inject::SiteInfo& site : inject::Sites()) {
    if (site.kind == kind && name == site.name) {
      return;
    }
  }
  const bool own = name.starts_with("script.") || name == kUserAccessPoint.name;
  if (kind != inject::SiteKind::kPoint || !own) {
    Raise(l, absl::StrCat("no ",
                          kind == inject::SiteKind::kPoint
                              ? "point is called '"
                              : "site that can fail is called '",
                          name, "'; `faultline sites` lists them"));
  }
}

int AtPoint(lua_State* l) {
  Script& script = Script::Of(l);
  std::string point = GetString(l, 1);
  CheckSite(l, inject::SiteKind::kPoint, point);
  const auto who = GetOptional<ActorRef>(l, 2);
  const int function_at = who != nullptr ? 3 : 2;
  luaL_checktype(l, function_at, LUA_TFUNCTION);
  const mm::Actor* const actor =
      who == nullptr ? nullptr : Find(script, who->id);
  if (who != nullptr && actor == nullptr) {
    Raise(l, absl::StrCat("'", who->name, "' has ended"));
  }
  lua_pushvalue(l, function_at);
  const int function = luaL_ref(l, LUA_REGISTRYINDEX);
  script.world().At(std::move(point), actor, [&script, function](mm::Actor& a) {
    script.CallHook(a, function);
  });
  return 0;
}

mm::Actor& Current(lua_State* l) {
  mm::Actor* const me = mm::Scheduler::Current();
  if (me == nullptr) {
    Raise(l, "only an actor can do this");
  }
  return *me;
}

int Pause(lua_State* l) {
  const auto who = GetOptional<ActorRef>(l, 1);
  Script::Of(l).world().conductor().Pause(who != nullptr ? who->id
                                                         : Current(l).id());
  return 0;
}

int Resume(lua_State* l) {
  Script::Of(l).world().conductor().Resume(Get<ActorRef>(l, 1).id);
  return 0;
}

int LetRun(lua_State* l) {
  const ActorRef& other = Get<ActorRef>(l, 1);
  Conductor& conductor = Script::Of(l).world().conductor();
  conductor.Resume(other.id);
  conductor.PauseUntilBlocked(Current(l).id(), other.id);
  return 0;
}

int Yield(lua_State* l) {
  static constexpr mm::PointSite kYieldPoint{"script.yield"};
  Current(l);
  mm::Scheduler::Active()->Yield(kYieldPoint);
  return 0;
}

int PointHere(lua_State* l) {
  static constexpr mm::PointSite kPoint{"script.point"};
  Current(l);
  mm::Scheduler::Active()->Point(kPoint);
  return 0;
}

int Sleep(lua_State* l) {
  Current(l);
  mm::Scheduler& s = *mm::Scheduler::Active();
  s.Sleep(s.now() + GetNumber(l, 1), mm::Interruptible::kYes);
  return 0;
}

int Kill(lua_State* l) {
  Script& script = Script::Of(l);
  if (mm::Actor* const actor = Find(script, Get<ActorRef>(l, 1).id)) {
    script.world().scheduler().Interrupt(*actor, mm::Interruption::kFatal);
  }
  return 0;
}

int FailSite(lua_State* l) {
  const auto who = GetOptional<ActorRef>(l, 3);
  const uint64_t nth = GetNumber(l, 2, 1);
  if (nth == 0) {
    Raise(l, "passings are counted from 1");
  }
  CheckSite(l, inject::SiteKind::kFailure, GetString(l, 1));
  Script::Of(l).stage().failures.Fail(
      GetString(l, 1), nth,
      who == nullptr ? std::nullopt : std::optional<uint32_t>(who->id));
  return 0;
}

int ForgetFailures(lua_State* l) {
  Script::Of(l).stage().failures.Clear();
  return 0;
}

int Passings(lua_State* l) {
  lua_pushinteger(
      l, lua_Integer(Script::Of(l).stage().failures.passings(GetString(l, 1))));
  return 1;
}

int ActorState(lua_State* l) {
  const mm::Actor* const actor = Find(Script::Of(l), Get<ActorRef>(l, 1).id);
  if (actor == nullptr) {
    return PushString(l, "done");
  }
  if (actor->waiting_on() != nullptr) {
    return PushString(l, absl::StrCat("waits: ", actor->waiting_on()->name()));
  }
  return PushString(l, "can run");
}

int ActorName(lua_State* l) { return PushString(l, Get<ActorRef>(l, 1).name); }

constexpr ApiFunction kFunctions[] = {
    {"machine", MakeMachine,
     "machine{arch=, kernel=, behaviours={'NAME=VALUE', ...}, memory=, swap=, "
     "rules=} -> machine",
     "A machine of its own, with the rules of that Linux (see `faultline "
     "behaviours`). What is left out is as the command line says. `rules`: it "
     "judges faults as another architecture's handler does, in this version "
     "or, 'm68k@5.10', in that."},
    {"fault_rules", FaultRulesFn, "fault_rules() -> table",
     "Whose rules of judging faults are known: a list of {arch, since, note}, "
     "a row for each version in which they changed."},
    {"actor", MakeActor, "actor(name, function, ...) -> actor",
     "Somebody who calls the function, once the scenario runs."},
    {"run", RunActors, "run()",
     "Runs all actors to their ends. A deadlock, a broken rule of locking, a "
     "broken invariant or an error in one of them is an error here."},
    {"try_run", TryRun, "try_run() -> string or nil",
     "The same; what went wrong is returned."},
    {"at", AtPoint, "at(point, [actor,] function)",
     "Has the function called whenever the actor (or any) comes to the point, "
     "before others may run. It gets the actor, and must not wait: it looks, "
     "or says who is to run next."},
    {"pause", Pause, "pause([actor])",
     "The actor (the running one) does not run until resume(), as long as "
     "anybody else can."},
    {"resume", Resume, "resume(actor)", "It may run again."},
    {"let_run", LetRun, "let_run(actor)",
     "The running actor stands still until that one has ended or waits."},
    {"fail", FailSite, "fail(site [, nth [, actor]])",
     "Has the nth passing of the site from now on (by that actor) fail: "
     "alloc.anon, alloc.table.pte, swap.read.error and whatever else "
     "`faultline "
     "sites` lists."},
    {"forget_failures", ForgetFailures, "forget_failures()",
     "What is still to fail is not to."},
    {"passings", Passings, "passings(site) -> number",
     "How often the site has been passed."},
    {"yield", Yield, "yield()", "Gives way to others."},
    {"point", PointHere, "point()", "A schedule point of the script's own."},
    {"sleep", Sleep, "sleep(nanoseconds)", "Waits for virtual time."},
    {"kill", Kill, "kill(actor)", "SIGKILL: it has a fatal signal pending."},
};
constexpr ApiClass kApi = {"", "The scenario.", kFunctions};

constexpr ApiFunction kActorFunctions[] = {
    {"state", ActorState, "actor:state() -> string",
     "'can run', 'done', or 'waits: ' and what for."},
    {"name", ActorName, "actor:name() -> string", "Its name."},
};
constexpr ApiClass kActorApi = {"actor", "One who runs while others do.",
                                kActorFunctions};

}  // namespace

const ApiClass& WorldApi() { return kApi; }

template <>
const ApiClass& ApiOf<ActorRef>() {
  return kActorApi;
}

}  // namespace faultline::script
