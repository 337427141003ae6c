#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_DELIVER_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_DELIVER_H_

// What happens on the way back to user mode: signals are taken and handlers
// entered, interrupted calls restarted or failed. Linux: get_signal(),
// arch/*/kernel/signal.c do_signal(), handle_signal().

#include "guest_mm/base/errno.h"

namespace faultline::os {

class Task;

// An ERESTART*: what becomes of the call is settled on the way to user mode.
bool AsksForRestart(Errno error);

// Deals with everything pending; the task's context need not be loaded on
// entry and is on return. False: the task is to exit instead (a fatal signal,
// exit_group by another thread).
bool DeliverSignals(Task& task);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_DELIVER_H_
