#ifndef FAULTLINE_PLUGIN_LINUX_FS_FILE_LOCKS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_FILE_LOCKS_H_

// FileLocks: the advisory locks on one inode. Linux: fs/locks.c. Record locks
// (fcntl) belong to a descriptor table or, the OFD kind, to an open file;
// flock(2)'s belong to an open file and never meet the others.
//
// Ranges are inclusive: [start, end], end ~0 for "to the end of the file".
// Each lock is paid for: a guest makes as many as its memory holds, and finding
// one among them takes the logarithm of that.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "guest_mm/base/errno.h"
#include "guest_mm/phys/slab.h"
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

  // The first lock of another owner that stands in the way of `wanted`: of the
  // owner who has held locks the longest, the one that starts first.
  std::optional<Lock> Conflict(Kind kind, const Lock& wanted) const;
  // Sets the lock, replacing what the owner holds in its range and joining its
  // neighbours of the same type. kEAGAIN if another owner's stands in the way;
  // kENOLCK if `slab` has no more. Then nothing has changed. May wait.
  ErrnoOr<Done> Set(Kind kind, const Lock& wanted, mm::Slab& slab);
  // Gives up the owner's record locks in the range and wakes waiters. kENOLCK
  // if it leaves one more than there was, and `slab` has no more. May wait.
  ErrnoOr<Done> Unlock(const Lock& which, mm::Slab& slab);
  // Gives up all of the owner's and wakes waiters.
  void Clear(Kind kind, const void* owner);

  // Woken whenever a lock goes.
  mm::WaitQueue& released() { return released_; }

 private:
  struct Held {
    Lock lock;
    mm::Slab::Charge charge;
  };
  using ByStart = std::map<uint64_t, Held>;
  struct Owned {
    const void* owner;
    ByStart locks;  // Invariant: not empty; they do not overlap
  };
  using Owners = std::vector<Owned>;

  // Cuts [start, end] out of `locks`; `spare` pays if one becomes two.
  static void Cut(ByStart& locks, uint64_t start, uint64_t end,
                  mm::Slab::Charge& spare);
  ByStart* Find(Kind kind, const void* owner);
  void DropIfEmpty(Kind kind, const void* owner);
  Owners& owners(Kind kind) { return owners_[size_t(kind)]; }
  const Owners& owners(Kind kind) const { return owners_[size_t(kind)]; }

  Owners owners_[2];  // in the order of their first locks
  mm::WaitQueue released_{"file_lock"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_FILE_LOCKS_H_
