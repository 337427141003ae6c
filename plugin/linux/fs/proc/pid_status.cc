// /proc/PID/status. Linux: proc_pid_status() in fs/proc/array.c.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/mm/proc_report.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/proc/pid_text.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

const char* StateName(char letter) {
  switch (letter) {
    case 'R':
      return "R (running)";
    case 'S':
      return "S (sleeping)";
    case 'D':
      return "D (disk sleep)";
    case 'T':
      return "T (stopped)";
    case 't':
      return "t (tracing stop)";
    case 'Z':
      return "Z (zombie)";
    default:
      return "X (dead)";
  }
}

// task_state().
void AppendIdentity(std::string& text, const Task& task, const Process& p,
                    char state, size_t fd_slots, uint32_t umask) {
  const Credentials& c = task.cred();
  absl::StrAppendFormat(
      &text,
      "Name:\t%s\nUmask:\t%04o\nState:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n"
      "PPid:\t%d\nTracerPid:\t%d\nUid:\t%d\t%d\t%d\t%d\n"
      "Gid:\t%d\t%d\t%d\t%d\nFDSize:\t%d\nGroups:\t",
      task.comm, umask, StateName(state), p.pid(), task.tid(), p.ppid(),
      task.ptrace.active() ? task.ptrace.tracer->tid() : 0, c.uid, c.euid,
      c.suid, c.fsuid, c.gid, c.egid, c.sgid, c.fsgid, fd_slots);
  for (const uint32_t group : c.groups) {
    absl::StrAppend(&text, group, " ");
  }
  absl::StrAppendFormat(&text,
                        "\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n"
                        "Kthread:\t0\n",
                        p.pid(), task.tid(), p.pgid, p.sid);
}

// task_sig(), task_cap() and what follows.
void AppendSignals(std::string& text, const Task& task, const Process& p) {
  SignalSet ignored, caught;
  for (int signo = 1; signo <= kSigMax; ++signo) {
    const SigAction& action = task.handlers->action[size_t(signo)];
    if (action.is_ignore()) {
      ignored.add(signo);
    } else if (!action.is_default()) {
      caught.add(signo);
    }
  }
  absl::StrAppendFormat(
      &text,
      "Threads:\t%d\nSigQ:\t%d/%d\nSigPnd:\t%016x\nShdPnd:\t%016x\n"
      "SigBlk:\t%016x\nSigIgn:\t%016x\nSigCgt:\t%016x\n",
      p.threads.size(), p.pending.queued() + task.signals.pending.queued(),
      p.rlimits[kRlimitSigpending].soft, task.signals.pending.set().bits(),
      p.pending.set().bits(), task.signals.blocked.bits(), ignored.bits(),
      caught.bits());
}

void AppendRest(std::string& text, const Task& task) {
  constexpr uint64_t kAllCaps = ~uint64_t{0} >> 23;
  const Credentials& c = task.cred();
  absl::StrAppendFormat(
      &text,
      "CapInh:\t%016x\nCapPrm:\t%016x\nCapEff:\t%016x\nCapBnd:\t%016x\n"
      "CapAmb:\t%016x\nNoNewPrivs:\t%d\nSeccomp:\t0\nSeccomp_filters:\t0\n"
      "Cpus_allowed:\t%x\nCpus_allowed_list:\t0\nMems_allowed:\t1\n"
      "Mems_allowed_list:\t0\nvoluntary_ctxt_switches:\t%d\n"
      "nonvoluntary_ctxt_switches:\t%d\n",
      c.cap_inheritable, c.cap_permitted, c.cap_effective, kAllCaps, 0,
      task.no_new_privs ? 1 : 0, 1, task.voluntary_switches,
      task.involuntary_switches);
}

// The bits of a pointer that the hardware looks at, whatever the process has
// asked prctl() for (mm_untag_mask()).
uint64_t UntagMask(const mm::ArchOps& arch) {
  constexpr uint64_t kTopByte = uint64_t{0xff} << 56;
  return ~kTopByte | arch.Untag(mm::GuestAddr(kTopByte)).value();
}

// A process of which only the exit status is left.
std::string ZombieStatus(Process& p) {
  return absl::StrFormat(
      "Name:\t\nState:\tZ (zombie)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n"
      "PPid:\t%d\nTracerPid:\t0\nThreads:\t1\n",
      p.pid(), p.pid(), p.ppid());
}

}  // namespace

ErrnoOr<std::string> ShowPidStatus(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Process> p, ref.process());
  const ErrnoOr<std::shared_ptr<Task>> found = ref.task();
  if (!found.ok()) {
    return ZombieStatus(*p);
  }
  Task& task = **found;
  std::string text;
  // Linux's table has at least 64 slots and doubles.
  size_t slots = 64;
  while (slots < size_t(task.files().end())) {
    slots *= 2;
  }
  AppendIdentity(text, task, *p, task.StateLetter(), slots, task.fs().umask());
  if (const auto mm = ref.mm(); mm.ok()) {
    text += mm::RenderStatusVm(**mm);
    absl::StrAppend(&text, "CoreDumping:\t0\nTHP_enabled:\t",
                    (*mm)->thp_disabled ? 0 : 1, "\n");
    absl::StrAppendFormat(&text, "untag_mask:\t0x%x\n",
                          UntagMask((*mm)->system().arch()));
  }
  AppendSignals(text, task, *p);
  AppendRest(text, task);
  return text;
}

}  // namespace faultline::os
