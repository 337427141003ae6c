#ifndef FAULTLINE_PLUGIN_TRACE_SWITCH_TRACE_H_
#define FAULTLINE_PLUGIN_TRACE_SWITCH_TRACE_H_

// SwitchTrace: the scheduler's switches (and, if asked, the points passed and
// what is waited for) as trace events.

#include "guest_mm/sync/scheduler.h"
#include "guest_mm/trace.h"

namespace faultline::trace {

class SwitchTrace : public mm::ScheduleObserver {
 public:
  explicit SwitchTrace(mm::Trace& trace) : trace_(trace) {}
  void OnSwitch(const mm::Actor* from, const mm::Actor& to,
                const mm::PointSite* at) override;
  void OnPoint(const mm::Actor& actor, const mm::PointSite& at) override;

 private:
  void OnWait(const mm::Actor& actor);

  mm::Trace& trace_;
};

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_SWITCH_TRACE_H_
