#ifndef FAULTLINE_PLUGIN_LINUX_FS_FILE_LOCKS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_FILE_LOCKS_H_

// FileLocks: the advisory locks on one inode. Linux: fs/locks.c. Record locks
// (fcntl) belong to a descriptor table or, the OFD kind, to an open file;
// flock(2)'s belong to an open file and never meet the others.
//
// Ranges are inclusive: [start, end], end ~0 for "to the end of the file".

#include <cstdint>
#include <optional>
#include <vector>

#include "guest_mm/base/errno.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::os {

class FileLocks {
 public:
  enum class Kind : uint8_t { kRecord, kFlock };
  enum class Type : uint8_t { kRead, kWrite };
  struct Lock {
    const void* owner = nullptr;  // an identity, never followed
    int pid = 0;                  // -1 for OFD locks
    Type type = Type::kRead;
    uint64_t start = 0;
    uint64_t end = ~uint64_t{0};
  };

  // The first lock of another owner that stands in the way of `wanted`.
  std::optional<Lock> Conflict(Kind kind, const Lock& wanted) const;
  // Sets the lock, replacing what the owner holds in its range. kEAGAIN if
  // another owner's stands in the way; then nothing has changed.
  ErrnoOr<Done> Set(Kind kind, const Lock& wanted);
  // Gives up the owner's locks in the range and wakes waiters.
  void Clear(Kind kind, const void* owner, uint64_t start = 0,
             uint64_t end = ~uint64_t{0});

  // Woken whenever a lock goes.
  mm::WaitQueue& released() { return released_; }

 private:
  std::vector<Lock>& list(Kind kind) { return locks_[size_t(kind)]; }
  const std::vector<Lock>& list(Kind kind) const {
    return locks_[size_t(kind)];
  }

  // Invariant: one owner's locks of one kind do not overlap.
  std::vector<Lock> locks_[2];
  mm::WaitQueue released_{"file_lock"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_FILE_LOCKS_H_
