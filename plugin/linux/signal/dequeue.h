#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_DEQUEUE_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_DEQUEUE_H_

#include <optional>

#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

class Task;

// Takes one pending signal of `from` from the thread, else from its process,
// for a call that reads signals (rt_sigtimedwait, signalfd). The caller
// recomputes what is deliverable (RecalcSigpending). Linux: dequeue_signal().
std::optional<SigInfo> DequeueSignal(Task& task, SignalSet from);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_DEQUEUE_H_
