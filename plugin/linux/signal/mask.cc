#include "plugin/linux/signal/mask.h"

#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// retarget_shared_pending(): what this thread no longer takes, another may.
void Retarget(Task& task, SignalSet newly_blocked) {
  const SignalSet shared = task.process().pending.set() & newly_blocked;
  if (shared.empty()) {
    return;
  }
  for (Task* t : task.process().threads) {
    if (t != &task && !(shared & ~t->signals.blocked).empty()) {
      RecalcSigpending(*t);
    }
  }
}

}  // namespace

void SetBlocked(Task& task, SignalSet blocked) {
  const SignalSet before = task.signals.blocked;
  task.signals.blocked = blocked & ~kUnblockable;
  Retarget(task, task.signals.blocked & ~before);
  RecalcSigpending(task);
}

ErrnoOr<Done> SetUserSigmask(Task& task, uint64_t mask, uint64_t size) {
  if (mask == 0) {
    return kDone;
  }
  if (size != sizeof(uint64_t)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const uint64_t bits, task.user().Get<uint64_t>(mask));
  task.signals.saved = task.signals.blocked;
  task.signals.has_saved = true;
  SetBlocked(task, SignalSet(bits));
  return kDone;
}

void RestoreSavedSigmaskUnless(Task& task, Interrupted interrupted) {
  if (task.signals.has_saved && interrupted == Interrupted::kNo) {
    task.signals.has_saved = false;
    SetBlocked(task, task.signals.saved);
  }
}

}  // namespace faultline::os
