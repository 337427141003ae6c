// Reaching into other processes. Linux: mm/process_vm_access.c,
// mm/oom_kill.c process_mrelease().

#include <algorithm>
#include <vector>

#include "guest_mm/reclaim/oom.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/memory/calls.h"
#include "plugin/linux/memory/remote.h"
#include "plugin/linux/task/pidfd.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kMaxVectors = 1024;  // UIO_MAXIOV
constexpr size_t kChunk = 64 * 1024;
constexpr int kCapSysPtrace = 19;

// Walks a list of extents byte by byte, piece by piece.
class Cursor {
 public:
  explicit Cursor(std::vector<Iovec> v) : v_(std::move(v)) { SkipEmpty(); }
  bool done() const { return at_ == v_.size(); }
  uint64_t address() const { return v_[at_].base; }
  uint64_t left() const { return v_[at_].length; }
  void Advance(uint64_t n) {
    v_[at_].base += n;
    v_[at_].length -= n;
    SkipEmpty();
  }

 private:
  void SkipEmpty() {
    while (at_ < v_.size() && v_[at_].length == 0) {
      ++at_;
    }
  }
  std::vector<Iovec> v_;
  size_t at_ = 0;
};

// task_will_free_mem(): everybody who uses the memory is being killed.
bool WillFree(Kernel& kernel, const std::shared_ptr<mm::AddressSpace>& memory) {
  const auto& all = kernel.processes().processes();
  return std::all_of(all.begin(), all.end(), [&](const auto& entry) {
    const Process& process = *entry.second;
    return process.threads.empty() || process.exiting ||
           process.threads.front()->shared.mm != memory;
  });
}

SyscallResult Reap(mm::AddressSpace& memory) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!memory.mmap_lock().ReadAcquireKillable()) {
    return Errno::kEINTR;
  }
  if (!memory.oom_skip) {
    mm::OomReapLocked(memory);
  }
  memory.mmap_lock().ReadRelease();
  return 0;
}

enum class Direction { kRead, kWrite };

SyscallResult Transfer(Task& task, const SyscallArgs& args,
                       Direction direction) {
  if (args.U64(5) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(auto local_list, GetVectors(task, args.Ptr(1), args.U64(2)));
  FL_ASSIGN(auto remote_list, GetVectors(task, args.Ptr(3), args.U64(4)));
  auto other = task.kernel().processes().FindTask(args.Int(0));
  if (other == nullptr || other->exited()) {
    return Errno::kESRCH;
  }
  if (!PtraceMayAccess(task, *other)) {
    return Errno::kEPERM;
  }
  // Kept alive: the other process may end while this one waits.
  const std::shared_ptr<mm::AddressSpace> remote_mm = other->shared.mm;
  UserMemory mine = task.user();
  UserMemory theirs(*remote_mm);
  Cursor local(std::move(local_list));
  Cursor remote(std::move(remote_list));
  std::vector<std::byte> buffer(kChunk);
  uint64_t total = 0;
  while (!local.done() && !remote.done()) {
    const uint64_t n =
        std::min({local.left(), remote.left(), uint64_t{kChunk}});
    const auto piece = absl::MakeSpan(buffer).subspan(0, n);
    const bool read = direction == Direction::kRead;
    const uint64_t got = n - (read ? theirs.CopyFrom(piece, remote.address())
                                   : mine.CopyFrom(piece, local.address()));
    const uint64_t put =
        got - (read ? mine.CopyTo(local.address(), piece.subspan(0, got))
                    : theirs.CopyTo(remote.address(), piece.subspan(0, got)));
    total += put;
    if (put != n) {
      return total != 0 ? SyscallResult(total) : Errno::kEFAULT;
    }
    local.Advance(n);
    remote.Advance(n);
  }
  return total;
}

}  // namespace

ErrnoOr<std::vector<Iovec>> GetVectors(Task& task, uint64_t user,
                                       uint64_t count) {
  if (count > kMaxVectors) {
    return Errno::kEINVAL;
  }
  std::vector<Iovec> v(count);
  if (task.user().CopyFrom(
          absl::MakeSpan(reinterpret_cast<std::byte*>(v.data()),
                         v.size() * sizeof(Iovec)),
          user) != 0) {
    return Errno::kEFAULT;
  }
  for (const Iovec& i : v) {
    if (int64_t(i.length) < 0) {
      return Errno::kEINVAL;
    }
  }
  return v;
}

bool PtraceMayAccess(const Task& task, const Task& other) {
  const Credentials& a = task.cred();
  const Credentials& b = other.cred();
  return &task.process() == &other.process() || a.HasCap(kCapSysPtrace) ||
         (a.fsuid == b.uid && a.fsuid == b.euid && a.fsuid == b.suid &&
          a.fsgid == b.gid && a.fsgid == b.egid && a.fsgid == b.sgid);
}

SyscallResult SysProcessVmReadv(Task& task, const SyscallArgs& args) {
  return Transfer(task, args, Direction::kRead);
}

SyscallResult SysProcessVmWritev(Task& task, const SyscallArgs& args) {
  return Transfer(task, args, Direction::kWrite);
}

SyscallResult SysProcessMrelease(Task& task, const SyscallArgs& args) {
  if (args.Uint(1) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const auto pidfd, GetPidfd(task, args.Int(0)));
  const Process& process = pidfd->process();
  const std::shared_ptr<mm::AddressSpace> memory =
      process.threads.empty() ? nullptr : process.threads.front()->shared.mm;
  if (memory == nullptr) {
    return Errno::kESRCH;
  }
  if (memory->oom_skip) {
    return 0;  // there is nothing left to take
  }
  if (!WillFree(task.kernel(), memory)) {
    return Errno::kEINVAL;
  }
  return Reap(*memory);
}

}  // namespace faultline::os
