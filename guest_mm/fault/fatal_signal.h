#ifndef FAULTLINE_GUEST_MM_FAULT_FATAL_SIGNAL_H_
#define FAULTLINE_GUEST_MM_FAULT_FATAL_SIGNAL_H_

#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {

// Is the running actor being killed? What may retry without end asks between
// two rounds. fatal_signal_pending().
inline bool FatalSignalPending() {
  const Actor* const me = Scheduler::Current();
  return me != nullptr && me->interruption() == Interruption::kFatal;
}

// Is any signal waiting to be delivered to it? signal_pending().
inline bool SignalPending() {
  const Actor* const me = Scheduler::Current();
  return me != nullptr && me->interruption() != Interruption::kNone;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_FATAL_SIGNAL_H_
