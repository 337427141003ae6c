#include "plugin/cli/run_observer.h"

#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_format.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/report/crash_report.h"
#include "plugin/linux/report/page_walk.h"
#include "plugin/linux/report/register_text.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::cli {
namespace {

// One write for each piece, so that lines of the guest's do not cut in.
void PrintError(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

RunObserver::RunObserver(const ObserverOptions& options) : options_(options) {
  if (options.strace) {
    strace_ = std::make_unique<os::Strace>(
        [](const std::string& line) { PrintError(line + "\n"); });
  }
  if (options.watch) {
    live_ = std::make_unique<LiveView>(STDERR_FILENO);
  }
}

void RunObserver::OnSyscallEnter(os::Task& task, uint64_t number,
                                 const os::SyscallArgs& args) {
  if (strace_ != nullptr) {
    strace_->OnSyscallEnter(task, number, args);
  }
}

void RunObserver::OnSyscallExit(os::Task& task, uint64_t number,
                                const os::SyscallArgs& args,
                                const os::SyscallResult& result) {
  if (strace_ != nullptr) {
    strace_->OnSyscallExit(task, number, args, result);
  }
  if (live_ != nullptr) {
    live_->Tick(task.kernel());
  }
}

void RunObserver::OnFault(os::Task& task, const mm::Fault& fault,
                          const mm::PageFaultOutcome& outcome) {
  if (options_.disassemble) {
    PrintError(absl::StrFormat("[%d] fault %s: %s, at %s\n", task.tid(),
                               mm::ToString(fault), mm::ToString(outcome.kind),
                               os::InstructionAt(task, fault.pc.value())));
  }
  if (live_ != nullptr) {
    live_->Tick(task.kernel());
  }
}

void RunObserver::OnSignal(os::Task& task, const os::SigInfo& info) {
  if (strace_ != nullptr) {
    strace_->OnSignal(task, info);
  }
}

void RunObserver::OnFatalSignal(os::Task& task, const os::SigInfo& info) {
  if (strace_ != nullptr) {
    strace_->OnFatalSignal(task, info);
  }
  if (os::DumpsCore(info.signo)) {
    // A child's death is first of all its parent's business.
    const bool first = task.process().pid() == task.kernel().first_pid();
    PrintError("faultline: " + (first ? os::CrashReport(task, info)
                                      : os::ShortCrashReport(task, info)));
  }
}

void RunObserver::OnOutOfMemory(os::Task& task) {
  // Whoever it is: a machine without memory is everybody's business.
  PrintError("faultline: " + os::OutOfMemoryReport(task));
}

void RunObserver::OnOomKill(const os::OomKill& kill) {
  PrintError("faultline: " + os::OomKillReport(kill));
}

void RunObserver::OnExit(os::Task& task) {
  if (strace_ != nullptr) {
    strace_->OnExit(task);
  }
  if (options_.dump_page_tables) {
    PrintError(absl::StrFormat("process %d (%s): %s", task.process().pid(),
                               task.comm, os::DumpPageTable(task.mm())));
  }
}

}  // namespace faultline::cli
