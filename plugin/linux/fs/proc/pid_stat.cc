// /proc/PID/stat. Linux: do_task_stat() in fs/proc/array.c; proc(5) numbers
// the fields.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/linux/fs/proc/pid_text.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

uint64_t Ticks(uint64_t ns) { return ns / 10'000'000; }  // USER_HZ is 100

struct Times {
  uint64_t user = 0, system = 0;
};

Times TimesOf(const PidRef& ref, const Process& p, const Task* task) {
  if (ref.kind() == PidKind::kThread && task != nullptr) {
    return {task->user_ns, task->system_ns};
  }
  return {p.TotalUserNs(), p.TotalSystemNs()};
}

// Fields 23 to 28 and 45 to 52: what is known of its memory.
struct MemoryFields {
  uint64_t vsize = 0, rss = 0, start_code = 0, end_code = 0, start_stack = 0;
  uint64_t start_data = 0, end_data = 0, start_brk = 0, arg_start = 0,
           arg_end = 0, env_start = 0, env_end = 0;
};

MemoryFields FieldsOf(mm::AddressSpace& mm) {
  MemoryFields f;
  f.vsize = mm.total_vm.in_bytes(mm.page_shift());
  f.rss = mm.rss.total().value();
  f.start_code = mm.start_code.value();
  f.end_code = mm.end_code.value();
  f.start_stack = mm.start_stack.value();
  f.start_data = mm.start_data.value();
  f.end_data = mm.end_data.value();
  f.start_brk = mm.start_brk.value();
  f.arg_start = mm.arg_start.value();
  f.arg_end = mm.arg_end.value();
  f.env_start = mm.env_start.value();
  f.env_end = mm.env_end.value();
  return f;
}

}  // namespace

ErrnoOr<std::string> ShowPidStat(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Process> p, ref.process());
  const ErrnoOr<std::shared_ptr<Task>> found = ref.task();
  Task* task = found.ok() ? found->get() : nullptr;
  MemoryFields m;
  if (const auto mm = ref.mm(); mm.ok()) {
    m = FieldsOf(**mm);
  }
  const Times times = TimesOf(ref, *p, task);
  SignalSet ignored, caught;
  for (int signo = 1; task != nullptr && signo < kSigRtMin; ++signo) {
    const SigAction& action = task->handlers->action[size_t(signo)];
    if (action.is_ignore()) {
      ignored.add(signo);
    } else if (!action.is_default()) {
      caught.add(signo);
    }
  }
  const int nice = task != nullptr ? task->nice : 0;
  std::string text = absl::StrFormat(
      "%d (%s) %c %d %d %d 0 -1 4194304 %d %d %d %d %d %d %d %d %d %d %d 0 %d ",
      ref.id(), task != nullptr ? task->comm : "",
      task != nullptr ? task->StateLetter() : 'Z', p->ppid(), p->pgid, p->sid,
      p->minor_faults, p->children_minor_faults, p->major_faults,
      p->children_major_faults, Ticks(times.user), Ticks(times.system),
      Ticks(p->children_user_ns), Ticks(p->children_system_ns), 20 + nice, nice,
      p->threads.size(), Ticks(p->start_time.ns()));
  absl::StrAppendFormat(&text, "%d %d %d %d %d %d 0 0 ", m.vsize, m.rss,
                        p->rlimits[kRlimitRss].soft, m.start_code, m.end_code,
                        m.start_stack);
  constexpr uint64_t kOldSignals = 0x7fffffff;
  absl::StrAppendFormat(
      &text, "%d %d %d %d 0 0 0 %d 0 %d %d 0 0 0 %d %d %d %d %d %d %d %d\n",
      task != nullptr ? task->signals.pending.set().bits() & kOldSignals : 0,
      task != nullptr ? task->signals.blocked.bits() & kOldSignals : 0,
      ignored.bits() & kOldSignals, caught.bits() & kOldSignals, p->exit_signal,
      task != nullptr ? task->sched_priority : 0,
      task != nullptr ? task->sched_policy : 0, m.start_data, m.end_data,
      m.start_brk, m.arg_start, m.arg_end, m.env_start, m.env_end,
      p->exit_code);
  return text;
}

}  // namespace faultline::os
