#ifndef FAULTLINE_PLUGIN_SCRIPT_INTERPRETER_H_
#define FAULTLINE_PLUGIN_SCRIPT_INTERPRETER_H_

// Script: one run of a script: Lua 5.4 with the interface of objects.h and
// nothing of the host's: no files, no processes, no clock, no chance. Tables
// are gone through in the order of their keys, so a run repeats.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugin/explore/search.h"
#include "plugin/script/failures.h"
#include "plugin/script/lua.h"
#include "plugin/script/machine.h"
#include "plugin/script/report.h"
#include "plugin/script/script_trace.h"
#include "plugin/script/world.h"

namespace faultline::script {

struct ScriptOptions {
  // What machine{} makes if it is not told.
  MachineOptions machine;
  std::string kernel;                   // as --kernel
  std::vector<std::string> behaviours;  // as --behaviour
  // Replaces what explore{} asks for: a strategy (explore::ParseSearch).
  std::string search;
  uint64_t seed = 0;
  // The explore{} of this number is run under this schedule alone, and told
  // step by step.
  int replay_exploration = -1;
  std::string replay_schedule;
  // A line by which somebody else has that again, with the hash of its story.
  std::function<std::string(int exploration, const std::string& schedule,
                            uint64_t hash)>
      make_token;
  std::vector<std::string> arguments;
  // What happens outside of explore{} goes there; of a replay, that.
  TraceTarget trace;
  // Reads a file of the script's folder by its bare name, for include().
  std::function<absl::StatusOr<std::string>(const std::string& name)> read;
  std::function<void(const std::string& text)> print;
};

// Sites ask it what is to fail: its stage knows.
class Script : private mm::FailureSource {
 public:
  explicit Script(ScriptOptions options);
  ~Script() override;
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  // Runs `source`; `name` is what errors call it. InvalidArgument with the
  // line and what is wrong there. A property that does not hold is no error.
  absl::Status Run(const std::string& name, const std::string& source);
  const Report& report() const { return report_; }

  // --- for the interface's functions ---
  static Script& Of(lua_State* l);
  const ScriptOptions& options() const { return options_; }
  Report& report() { return report_; }
  const std::string& name() const { return name_; }
  ScriptTrace& trace() { return trace_; }
  void Print(const std::string& text) { options_.print(text); }

  // The world that actors are made in, and what else belongs to one run.
  struct Stage {
    World world;
    std::map<uint32_t, lua_State*> threads;  // of its actors
    std::vector<std::weak_ptr<Machine>> machines;
    Failures failures;
    std::string outcome;  // what outcome{} has said
  };
  World& world() { return stage_->world; }
  Stage& stage() { return *stage_; }
  // Another world for the same machines.
  void NewWorld();
  // Another world, and no machines.
  void NewStage();
  void DropStage();
  // The threads of its actors are garbage from now on.
  void ForgetThreads();
  // Spawns an actor that calls the function below `arguments` values on the
  // top of `l`'s stack, and pops them all.
  mm::Actor& Spawn(lua_State* l, const std::string& name, int arguments);
  // Calls the function of the registry from within `actor`, with its ActorRef.
  void CallHook(mm::Actor& actor, int function);
  // Runs the world; `*problem` is "" if there is none.
  World::End RunWorld(std::string* problem);
  // "" or the invariant that is broken. Afterwards the machine is not used any
  // more.
  std::string Validate(Machine& machine);
  // What was not as it must be stays as it is: nothing of it is taken down.
  void AbandonMachines();
  int NextExploration() { return explorations_++; }
  // Around an explore{}.
  class Exploring {
   public:
    explicit Exploring(Script& script)
        : script_(script), nested_(script.exploring_++ != 0) {}
    ~Exploring() { --script_.exploring_; }
    Exploring(const Exploring&) = delete;
    Exploring& operator=(const Exploring&) = delete;
    bool nested() const { return nested_; }

   private:
    Script& script_;
    bool nested_;
  };
  // Of the story of the schedule that was replayed.
  std::optional<uint64_t> replayed_hash;

  // Time as scripts' objects know it (lua.h): what was made between `from` and
  // `to` never was.
  uint64_t time() const { return time_; }
  void NextTime() { ++time_; }
  void Undo(uint64_t from, uint64_t to);
  bool NeverWas(uint64_t made_at) const;
  // Whether Lua may collect garbage while nothing runs.
  void HoldCollector(bool hold);

 private:
  bool ShouldFail(const mm::FailSite& site, uint64_t address) override {
    const bool fails =
        stage_ != nullptr && stage_->failures.ShouldFail(site, address);
    if (fails) {
      trace_.Failed(site.name, address);
    }
    return fails;
  }
  void CallActor(lua_State* thread, int arguments);

  ScriptOptions options_;
  std::string name_;
  Report report_;
  lua_State* lua_ = nullptr;
  ScriptTrace trace_;
  std::unique_ptr<Stage> stage_;
  int explorations_ = 0;
  int exploring_ = 0;
  uint64_t time_ = 1;
  std::vector<std::pair<uint64_t, uint64_t>> undone_;
  bool collector_held_ = false;
};

// The interface, class by class, as docs/ shows it.
std::string RenderApi();

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_INTERPRETER_H_
