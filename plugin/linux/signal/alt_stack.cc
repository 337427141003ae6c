#include "plugin/linux/signal/alt_stack.h"

#include "plugin/linux/abi.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

bool Enabled(const AltStack& s) { return s.size != 0; }

uint32_t StackFlags(const Task& task, uint64_t sp) {
  if (!Enabled(task.signals.alt_stack)) {
    return kSsDisable;
  }
  return OnAltStack(task, sp) ? kSsOnStack : 0;
}

}  // namespace

bool OnAltStack(const Task& task, uint64_t sp) {
  const AltStack& s = task.signals.alt_stack;
  return (s.flags & kSsAutoDisarm) == 0 && sp > s.sp && sp - s.sp <= s.size;
}

bool EntersAltStack(const Task& task, const SigAction& action, uint64_t sp) {
  return (action.flags & kSaOnStack) != 0 && Enabled(task.signals.alt_stack) &&
         !OnAltStack(task, sp);
}

AltStack DescribeAltStack(const Task& task, uint64_t sp) {
  AltStack s = task.signals.alt_stack;
  s.flags = StackFlags(task, sp) | (s.flags & kSsAutoDisarm);
  s.pad = 0;
  return s;
}

void AutoDisarm(Task& task) {
  if ((task.signals.alt_stack.flags & kSsAutoDisarm) != 0) {
    task.signals.alt_stack = AltStack{};
  }
}

ErrnoOr<Done> SetAltStack(Task& task, const AltStack& stack, uint64_t sp) {
  if (OnAltStack(task, sp)) {
    return Errno::kEPERM;
  }
  const uint32_t mode = stack.flags & ~kSsAutoDisarm;
  if (mode != kSsDisable && mode != kSsOnStack && mode != 0) {
    return Errno::kEINVAL;
  }
  AltStack next = stack;
  next.pad = 0;
  if (mode == kSsDisable) {
    next.sp = 0;
    next.size = 0;
  } else if (next.size < task.abi().identity().min_alt_stack) {
    return Errno::kENOMEM;
  }
  task.signals.alt_stack = next;
  return kDone;
}

}  // namespace faultline::os
