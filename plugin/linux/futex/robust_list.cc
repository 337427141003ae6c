// The locks a thread holds when it ends. Linux: kernel/futex/core.c
// exit_robust_list(), handle_futex_death().
//
// The list is the dying program's own and may say anything: every read can
// fail, and the walk is bounded.

#include "plugin/linux/futex/calls.h"
#include "plugin/linux/futex/futex_ops.h"
#include "plugin/linux/futex/futex_table.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// ROBUST_LIST_LIMIT.
constexpr int kListLimit = 2048;

// struct robust_list_head.
struct ListHead {
  uint64_t first;
  int64_t futex_offset;
  uint64_t pending;
};

// A pointer in the list; its lowest bit says PI.
struct Entry {
  uint64_t address;
  bool pi;
  static Entry Of(uint64_t raw) { return {raw & ~uint64_t{1}, (raw & 1) != 0}; }
};

// False: the list is not to be trusted any further.
bool HandleDeath(Task& task, uint64_t uaddr, bool pi, bool pending) {
  if (uaddr % 4 != 0) {
    return false;
  }
  ErrnoOr<uint32_t> word = task.user().Get<uint32_t>(uaddr);
  for (;;) {
    if (!word.ok()) {
      return false;
    }
    const uint32_t owner = *word & kFutexTidMask;
    if (pending && !pi && owner == 0) {
      // It died between unlocking and waking the next one.
      FutexWakeShared(task, uaddr, 1);
      return true;
    }
    if (owner != uint32_t(task.tid())) {
      return true;
    }
    const uint32_t orphaned = (*word & kFutexWaiters) | kFutexOwnerDied;
    const ErrnoOr<uint32_t> found =
        task.user().CompareExchange(uaddr, *word, orphaned);
    if (found.ok() && *found == *word) {
      break;
    }
    word = found;
  }
  if (pi) {
    FutexPassOnPi(task, uaddr);
  } else if ((*word & kFutexWaiters) != 0) {
    FutexWakeShared(task, uaddr, 1);
  }
  return true;
}

}  // namespace

void FutexWakeShared(Task& task, uint64_t uaddr, int max) {
  const ErrnoOr<FutexKey> key = GetFutexKey(task, uaddr, FutexScope::kShared);
  if (key.ok()) {
    (void)task.kernel().futexes().Wake(*key, max).ok();
  }
}

void FutexExit(Task& task) {
  const uint64_t head_address = task.robust_list;
  task.robust_list = 0;
  if (head_address == 0) {
    return;
  }
  const ErrnoOr<ListHead> head = task.user().Get<ListHead>(head_address);
  if (!head.ok()) {
    return;
  }
  const Entry pending = Entry::Of(head->pending);
  const uint64_t offset = uint64_t(head->futex_offset);
  Entry entry = Entry::Of(head->first);
  for (int n = 0; entry.address != head_address && n < kListLimit; ++n) {
    // The next link first: the lock's memory may be reused once it is free.
    const ErrnoOr<uint64_t> next = task.user().Get<uint64_t>(entry.address);
    // A pending lock may be in the list already; it is dealt with below.
    if (entry.address != pending.address &&
        !HandleDeath(task, entry.address + offset, entry.pi, false)) {
      return;
    }
    if (!next.ok()) {
      return;
    }
    entry = Entry::Of(*next);
  }
  if (pending.address != 0) {
    (void)HandleDeath(task, pending.address + offset, pending.pi, true);
  }
}

}  // namespace faultline::os
