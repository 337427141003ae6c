#ifndef FAULTLINE_PLUGIN_API_OBSERVER_H_
#define FAULTLINE_PLUGIN_API_OBSERVER_H_

// PluginObserver: tells plug-ins of system calls, and passes everything on.

#include "plugin/api/host.h"
#include "plugin/linux/observer.h"

namespace faultline::api {

class PluginObserver : public os::KernelObserver {
 public:
  // Both outlive it; `next` may be null.
  PluginObserver(Host& host, os::KernelObserver* next)
      : host_(host), next_(next) {}

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
  Host& host_;
  os::KernelObserver* next_;
};

}  // namespace faultline::api

#endif  // FAULTLINE_PLUGIN_API_OBSERVER_H_
