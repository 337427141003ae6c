#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_ALT_STACK_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_ALT_STACK_H_

// The alternate signal stack. Linux: sigsp(), on_sig_stack(),
// do_sigaltstack().

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

class Task;

inline constexpr uint32_t kSsOnStack = 1;
inline constexpr uint32_t kSsDisable = 2;
inline constexpr uint32_t kSsAutoDisarm = 0x80000000;

// True if `sp` lies on the task's alternate stack. With SS_AUTODISARM it never
// counts as such.
bool OnAltStack(const Task& task, uint64_t sp);
// Whether a handler with `action` starts on the alternate stack.
bool EntersAltStack(const Task& task, const SigAction& action, uint64_t sp);
// What sigaltstack(2) reports: with SS_ONSTACK if `sp` is on it.
AltStack DescribeAltStack(const Task& task, uint64_t sp);
// After a frame was made: SS_AUTODISARM takes the stack away until sigreturn.
void AutoDisarm(Task& task);
// sigaltstack(2) and sigreturn's restore_altstack(). kEPERM while on it,
// kEINVAL for unknown flags, kENOMEM if too small.
ErrnoOr<Done> SetAltStack(Task& task, const AltStack& stack, uint64_t sp);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_ALT_STACK_H_
