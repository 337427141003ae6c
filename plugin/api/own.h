#ifndef FAULTLINE_PLUGIN_API_OWN_H_
#define FAULTLINE_PLUGIN_API_OWN_H_

// Own: what plug-ins have asked for by faultline-plugin.h, and the telling.

#include <vector>

#include "guest_mm/fault/fault.h"
#include "guest_mm/trace.h"
#include "plugin/api/faultline-plugin.h"
#include "plugin/inject/injector.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
class Task;
}

namespace faultline::api {

class Own final : public mm::TraceSink {
 public:
  explicit Own(os::Kernel& kernel) : kernel_(kernel) {}

  struct EventCall {
    faultline_id id;
    uint32_t kinds;
    faultline_event_cb call;
    void* user;
  };
  struct FaultCall {
    faultline_id id;
    faultline_fault_cb call;
    void* user;
  };
  // One of the two is null.
  struct SiteCall {
    faultline_id id;
    std::string pattern;
    faultline_site_cb see;
    faultline_decide_cb decide;
    void* user;
  };
  struct ExitCall {
    faultline_id id;
    faultline_exit_cb call;
    void* user;
  };
  std::vector<EventCall> events{};
  std::vector<FaultCall> faults{};
  std::vector<SiteCall> sites{};
  std::vector<ExitCall> exits{};

  // Adds what `sites` asks for, after what is there. It outlives them.
  void AddRules(inject::Injector& injector) const;
  // The plug-in is called no more; its rules mean nothing from here on. Not
  // from a callback of its own.
  void Forget(faultline_id id);
  void SeeFault(os::Task& task, const mm::Fault& fault,
                const mm::PageFaultOutcome& outcome) const;
  void SeeExit() const;

  // mm::TraceSink:
  void Emit(mm::TraceKind kind, std::string_view name,
            absl::Span<const mm::TraceField> fields) override;

 private:
  os::Kernel& kernel_;
  std::vector<faultline_id> gone_{};
};

}  // namespace faultline::api

#endif  // FAULTLINE_PLUGIN_API_OWN_H_
