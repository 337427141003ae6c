#ifndef FAULTLINE_PLUGIN_LINUX_SYSCALL_CALL_H_
#define FAULTLINE_PLUGIN_LINUX_SYSCALL_CALL_H_

// What a system call's handler looks like, and how it reads its arguments.
// A handler decodes flags, calls one operation, encodes the answer. It runs on
// the task's fiber and may block. Errno::kERESTART* ask the signal code to
// restart the call or answer EINTR.

#include <array>
#include <cstdint>

#include "guest_mm/base/errno.h"

namespace faultline::os {

class Task;

class SyscallArgs {
 public:
  explicit SyscallArgs(const std::array<uint64_t, 6>& raw) : raw_(raw) {}
  uint64_t U64(int i) const { return raw_[size_t(i)]; }
  int64_t I64(int i) const { return int64_t(raw_[size_t(i)]); }
  int Int(int i) const { return int(uint32_t(raw_[size_t(i)])); }
  unsigned Uint(int i) const { return uint32_t(raw_[size_t(i)]); }
  uint64_t Ptr(int i) const { return raw_[size_t(i)]; }

 private:
  std::array<uint64_t, 6> raw_;
};

using SyscallResult = ErrnoOr<uint64_t>;
using SyscallHandler = SyscallResult (*)(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SYSCALL_CALL_H_
