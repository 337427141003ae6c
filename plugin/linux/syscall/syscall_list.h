#ifndef FAULTLINE_PLUGIN_LINUX_SYSCALL_SYSCALL_LIST_H_
#define FAULTLINE_PLUGIN_LINUX_SYSCALL_SYSCALL_LIST_H_

// The one list of system calls: name, handler, how much of it is there, and
// what is missing. It is kept in parts, one per area (syscall/list/*.cc), so
// that a line stands near the code it names. Both architectures' tables and
// docs/syscalls.md are made from it; numbers are in arch_*/syscall_numbers.h.
//
// To add a call: write the handler, put its name in place of nullptr, say how
// much it does. A line without a handler answers ENOSYS and leaves a trace
// event.

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

enum class Support : uint8_t {
  kNone,     // ENOSYS
  kPartial,  // what the note says is missing
  kFull,     // as Linux 6.12, for what a guest here can reach
  kRefused,  // answers as a kernel built or booted without it; see the note
};
const char* ToString(Support s);

struct SyscallSpec {
  std::string_view name;
  SyscallHandler handler = nullptr;
  Support support = Support::kNone;
  std::string_view note;
};

absl::Span<const SyscallSpec> FilesCalls();
absl::Span<const SyscallSpec> MountsCalls();
absl::Span<const SyscallSpec> IpcCalls();
absl::Span<const SyscallSpec> FutexCalls();
absl::Span<const SyscallSpec> MemoryCalls();
absl::Span<const SyscallSpec> SignalsCalls();
absl::Span<const SyscallSpec> TimeCalls();
absl::Span<const SyscallSpec> ProcessCalls();
absl::Span<const SyscallSpec> CredentialsCalls();
absl::Span<const SyscallSpec> SystemCalls();

// The entry for `name`, or null. Every name of both architectures' numbers is
// in the list exactly once (tested).
const SyscallSpec* FindSyscall(std::string_view name);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SYSCALL_SYSCALL_LIST_H_
