#ifndef FAULTLINE_PLUGIN_CLI_RUN_OBSERVER_H_
#define FAULTLINE_PLUGIN_CLI_RUN_OBSERVER_H_

// RunObserver: what `faultline run` prints on standard error while a program
// runs: system calls (--strace), faults (-d), crash reports (in full for the
// first process, in short for others), page tables (--ptdump), the live view
// (--watch).

#include <memory>
#include <string>

#include "plugin/cli/live_view.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/strace/strace.h"

namespace faultline::cli {

struct ObserverOptions {
  bool strace = false;
  bool disassemble = false;       // every fault
  bool dump_page_tables = false;  // when a process ends
  bool watch = false;             // if standard error is a terminal
};

class RunObserver : public os::KernelObserver {
 public:
  explicit RunObserver(const ObserverOptions& options);

  void OnSyscallEnter(os::Task& task, uint64_t number,
                      const os::SyscallArgs& args) override;
  void OnSyscallExit(os::Task& task, uint64_t number,
                     const os::SyscallArgs& args,
                     const os::SyscallResult& result) override;
  void OnFault(os::Task& task, const mm::Fault& fault,
               const mm::PageFaultOutcome& outcome) override;
  void OnSignal(os::Task& task, const os::SigInfo& info) override;
  void OnFatalSignal(os::Task& task, const os::SigInfo& info) override;
  void OnOutOfMemory(os::Task& task) override;
  void OnOomKill(const os::OomKill& kill) override;
  void OnExit(os::Task& task) override;

 private:
  ObserverOptions options_;
  std::unique_ptr<os::Strace> strace_;
  std::unique_ptr<LiveView> live_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_RUN_OBSERVER_H_
