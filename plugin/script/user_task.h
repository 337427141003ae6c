#ifndef FAULTLINE_PLUGIN_SCRIPT_USER_TASK_H_
#define FAULTLINE_PLUGIN_SCRIPT_USER_TASK_H_

// UserTask: a thread of a script's: user-mode instructions and copies of the
// kernel's on its behalf, executed by the machine's CPU, with the faults that
// they take. One actor at a time: another's access is a problem of the run.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/types/span.h"
#include "guest_mm/sync/point.h"
#include "plugin/script/machine.h"
#include "plugin/script/user_code.h"

namespace faultline::script {

// A user-mode access is about to be made.
inline constexpr mm::PointSite kUserAccessPoint{"user.access"};

class UserTask {
 public:
  // Maps the page of UserCode into `space` if it is not there. kENOMEM.
  static ErrnoOr<std::shared_ptr<UserTask>> Create(
      std::shared_ptr<Machine> machine,
      std::shared_ptr<mm::AddressSpace> space);

  struct Result {
    uint64_t value = 0;
    // Why the access was not made: what a signal would say; empty: it was.
    std::string refused;
  };
  // One access. It faults, and waits, as often as it must.
  Result Do(UserOp op, const UserArgs& args);

  // Bytes NOT copied; of the kernel's routines, on behalf of this thread.
  size_t CopyTo(uint64_t to, absl::Span<const std::byte> from);
  size_t CopyFrom(absl::Span<std::byte> to, uint64_t from);
  size_t Clear(uint64_t to, size_t bytes);

  // arm64: how accesses to tagged memory are checked.
  void SetTagChecks(engine::TagChecks checks);

  mm::AddressSpace& space() { return *space_; }
  // Entries into the fault handler so far, this task's.
  uint64_t faults() const { return faults_; }

 private:
  UserTask(std::shared_ptr<Machine> machine,
           std::shared_ptr<mm::AddressSpace> space);
  // Empty: run it again.
  std::optional<std::string> Resolve(const engine::Trap& trap);

  std::shared_ptr<Machine> machine_;
  std::shared_ptr<mm::AddressSpace> space_;
  std::unique_ptr<engine::CpuContext> context_;
  engine::TagChecks checks_{};
  uint64_t faults_ = 0;
  bool in_use_ = false;
};

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_USER_TASK_H_
