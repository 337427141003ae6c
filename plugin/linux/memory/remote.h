#ifndef FAULTLINE_PLUGIN_LINUX_MEMORY_REMOTE_H_
#define FAULTLINE_PLUGIN_LINUX_MEMORY_REMOTE_H_

// What calls on another process's memory begin with.

#include <cstdint>
#include <vector>

#include "guest_mm/base/errno.h"

namespace faultline::os {

class Task;

// struct iovec.
struct Iovec {
  uint64_t base;
  uint64_t length;
};

// The `count` vectors at `user` (iovec_from_user()). kEINVAL: too many, or a
// length is negative. kEFAULT.
ErrnoOr<std::vector<Iovec>> GetVectors(Task& task, uint64_t user,
                                       uint64_t count);
// The same, and each must lie in user space (import_iovec()); else kEFAULT.
ErrnoOr<std::vector<Iovec>> GetOwnVectors(Task& task, uint64_t user,
                                          uint64_t count);

// __ptrace_may_access() with the caller's fsuid and fsgid.
bool PtraceMayAccess(const Task& task, const Task& other);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_MEMORY_REMOTE_H_
