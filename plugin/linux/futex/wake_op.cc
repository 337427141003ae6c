// Changing one futex's word and waking the sleepers of two. Linux:
// kernel/futex/waitwake.c futex_wake_op(), futex_atomic_op_inuser().

#include "plugin/linux/futex/futex_ops.h"
#include "plugin/linux/futex/futex_table.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// FUTEX_OP(op, oparg, cmp, cmparg): 4, 4, 12 and 12 bits from the top.
struct WakeOp {
  unsigned op;
  unsigned cmp;
  int32_t op_arg;
  int32_t cmp_arg;
  bool shift;  // op_arg is a bit number
};

int32_t SignExtend12(uint32_t bits) { return int32_t(bits << 20) >> 20; }

WakeOp Decode(uint32_t encoded) {
  WakeOp w{};
  w.shift = (encoded >> 31) != 0;
  w.op = encoded >> 28 & 7;
  w.cmp = encoded >> 24 & 0xf;
  w.op_arg = SignExtend12(encoded >> 12 & 0xfff);
  w.cmp_arg = SignExtend12(encoded & 0xfff);
  if (w.shift) {
    w.op_arg = int32_t(1u << (uint32_t(w.op_arg) & 31));
  }
  return w;
}

ErrnoOr<uint32_t> Apply(const WakeOp& w, uint32_t old) {
  const uint32_t arg = uint32_t(w.op_arg);
  switch (w.op) {
    case 0:
      return arg;
    case 1:
      return old + arg;
    case 2:
      return old | arg;
    case 3:
      return old & ~arg;
    case 4:
      return old ^ arg;
    default:
      return Errno::kENOSYS;
  }
}

ErrnoOr<bool> Compare(const WakeOp& w, uint32_t old_word) {
  const int32_t old = int32_t(old_word);
  switch (w.cmp) {
    case 0:
      return old == w.cmp_arg;
    case 1:
      return old != w.cmp_arg;
    case 2:
      return old < w.cmp_arg;
    case 3:
      return old <= w.cmp_arg;
    case 4:
      return old > w.cmp_arg;
    case 5:
      return old >= w.cmp_arg;
    default:
      return Errno::kENOSYS;
  }
}

// Changes the word atomically; returns what it was.
ErrnoOr<uint32_t> ChangeWord(Task& task, uint64_t uaddr, const WakeOp& w) {
  FL_TRY(task.user().FaultInWriteable(uaddr));
  uint32_t old = 0;  // a guess: only what changes it reads it
  for (;;) {
    FL_ASSIGN(const uint32_t wanted, Apply(w, old));
    FL_ASSIGN(const uint32_t found,
              task.user().CompareExchange(uaddr, old, wanted));
    if (found == old) {
      return old;
    }
    old = found;
  }
}

}  // namespace

SyscallResult FutexWakeOp(Task& task, uint64_t uaddr, uint64_t uaddr2,
                          FutexScope scope, int wake, int wake2, uint32_t op) {
  FL_ASSIGN(const FutexKey key, GetFutexKey(task, uaddr, scope));
  FL_ASSIGN(const FutexKey key2, GetFutexKey(task, uaddr2, scope));
  const WakeOp w = Decode(op);
  FL_ASSIGN(const uint32_t old, ChangeWord(task, uaddr2, w));
  // An unknown comparison is found only after the word has changed.
  FL_ASSIGN(const bool holds, Compare(w, old));
  task.kernel().scheduler().Point(kFutexWord);
  FutexTable& table = task.kernel().futexes();
  FL_ASSIGN(int woken, table.Wake(key, wake));
  if (holds) {
    FL_ASSIGN(const int more, table.Wake(key2, wake2));
    woken += more;
  }
  return uint64_t(woken);
}

}  // namespace faultline::os
