#ifndef FAULTLINE_PLUGIN_SCRIPT_SCRIPT_TRACE_H_
#define FAULTLINE_PLUGIN_SCRIPT_SCRIPT_TRACE_H_

// ScriptTrace: the events of a script's machines and actors, as one trace.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "guest_mm/trace.h"
#include "plugin/script/machine.h"
#include "plugin/script/world.h"
#include "plugin/trace/switch_trace.h"

namespace faultline::script {

// Where events go; outlives the script. Without a sink there is no trace.
struct TraceTarget {
  mm::TraceSink* sink = nullptr;
  uint32_t kinds = 0;
  bool points = false;
};

class ScriptTrace {
 public:
  explicit ScriptTrace(const TraceTarget& target) : target_(target) {}

  bool wanted() const { return target_.sink != nullptr; }
  bool on() const { return on_; }
  // Begins to write, and stops; at first it does not.
  void Resume() { SetOn(true); }
  void Pause() { SetOn(false); }
  // Another machine, another world: they belong to it from now on.
  void Add(const std::shared_ptr<Machine>& machine);
  void Watch(World& world);
  // A site was made to fail.
  void Failed(const char* site, uint64_t address);

  // Time as the trace has it: worlds begin at 0, and it goes on.
  uint64_t now() const;
  void WorldEnds();

 private:
  void SetOn(bool on);
  void Attach(mm::Trace& trace) const {
    trace.Attach(on_ ? target_.sink : nullptr, target_.kinds);
  }

  TraceTarget target_;
  bool on_ = false;
  mm::Trace schedule_;
  trace::SwitchTrace switches_{schedule_};
  std::vector<std::weak_ptr<Machine>> machines_;
  World* world_ = nullptr;
  uint64_t before_ = 0;  // when that world began
};

// While one is there, nothing is written.
class PausedTrace {
 public:
  explicit PausedTrace(ScriptTrace& trace) : trace_(trace), on_(trace.on()) {
    trace_.Pause();
  }
  ~PausedTrace() {
    if (on_) {
      trace_.Resume();
    }
  }
  PausedTrace(const PausedTrace&) = delete;
  PausedTrace& operator=(const PausedTrace&) = delete;

 private:
  ScriptTrace& trace_;
  bool on_;
};

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_SCRIPT_TRACE_H_
