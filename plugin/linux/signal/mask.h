#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_MASK_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_MASK_H_

// The blocked set, and the calls that swap it while they wait (ppoll, pselect6,
// epoll_pwait, rt_sigsuspend). Linux: set_current_blocked(),
// set_user_sigmask(), restore_saved_sigmask_unless().

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

class Task;

// SIGKILL and SIGSTOP are taken out. Recomputes what is deliverable.
void SetBlocked(Task& task, SignalSet blocked);

// Installs the mask at user address `mask` (0: does nothing) until the call
// ends; the old one comes back when the next signal frame is made or by the
// call below. kEINVAL if `size` is not 8, kEFAULT.
ErrnoOr<Done> SetUserSigmask(Task& task, uint64_t mask, uint64_t size);
// Before returning from such a call: puts the old mask back, unless the wait
// was cut short by a signal (then delivery does, after the handler's frame
// saved it).
enum class Interrupted : uint8_t { kNo, kYes };
void RestoreSavedSigmaskUnless(Task& task, Interrupted interrupted);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_MASK_H_
