#ifndef FAULTLINE_PLUGIN_LINUX_STRACE_STRACE_H_
#define FAULTLINE_PLUGIN_LINUX_STRACE_STRACE_H_

// Strace: prints system calls and signals as they happen, in the manner of
// strace(1).

#include <functional>
#include <map>
#include <string>

#include "plugin/linux/observer.h"

namespace faultline::os {

class Strace : public KernelObserver {
 public:
  // `print` gets whole lines without their newline.
  explicit Strace(std::function<void(const std::string&)> print)
      : print_(std::move(print)) {}

  void OnSyscallEnter(Task& task, uint64_t number,
                      const SyscallArgs& args) override;
  void OnSyscallExit(Task& task, uint64_t number, const SyscallArgs& args,
                     const SyscallResult& result) override;
  void OnSignal(Task& task, const SigInfo& info) override;
  void OnFatalSignal(Task& task, const SigInfo& info) override;
  void OnExit(Task& task) override;

 private:
  void Print(Task& task, const std::string& text);

  std::function<void(const std::string&)> print_;
  // Of calls that have not returned, by tid: their text up to what only the
  // result tells.
  std::map<int, std::string> entered_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_STRACE_STRACE_H_
