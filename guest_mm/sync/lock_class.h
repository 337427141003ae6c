#ifndef FAULTLINE_GUEST_MM_SYNC_LOCK_CLASS_H_
#define FAULTLINE_GUEST_MM_SYNC_LOCK_CLASS_H_

// LockClass: one kind of lock: its name, its place in the order of
// docs/locking.md and its schedule points. Linux: a lockdep class.

#include "guest_mm/sync/inject.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

// May a lock's holder wait for something that is not a lock? Linux: mutex and
// rw_semaphore against spinlock_t.
enum class WhileHeld : bool { kMaySleep, kAtomic };

// A lock of a class may be taken only while every lock held has a lower rank;
// equal ranks need `nests` in both (two page-table locks in address order,
// say). A trylock cannot deadlock and is not held to the order.
struct LockClass {
  constexpr LockClass(const char* lock_name, PointSite locked_site,
                      PointSite unlocked_site, int lock_rank,
                      bool nests_in_equal = false,
                      WhileHeld while_is_held = WhileHeld::kMaySleep,
                      FailSite try_site = {})
      : name(lock_name),
        locking{lock_name},
        locked(locked_site),
        unlocked(unlocked_site),
        rank(lock_rank),
        nests(nests_in_equal),
        while_held(while_is_held),
        trying(try_site) {}

  const char* name;    // "mmap_lock", "pte.lock"
  PointSite locking;   // "mmap_lock": about to be taken
  PointSite locked;    // "mmap_lock.locked": just taken
  PointSite unlocked;  // "mmap_lock.unlocked": just released
  int rank;
  bool nests;
  WhileHeld while_held;
  // A trylock finds it taken; without a name: that never happens to this one.
  FailSite trying;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_LOCK_CLASS_H_
