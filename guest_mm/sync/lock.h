#ifndef FAULTLINE_GUEST_MM_SYNC_LOCK_H_
#define FAULTLINE_GUEST_MM_SYNC_LOCK_H_

// The guest kernel's locks. Taking and releasing one are schedule points;
// contention parks the actor. They know their class, so an inversion of the
// order in docs/locking.md is reported when it happens, not when it hangs.
// Without a running Scheduler (unit tests of one function) they work and may
// not be contended.

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::mm {

class Actor;

// One kind of lock. A lock of a class may be taken only while every lock held
// has a lower rank; equal ranks need `nests` (two page-table locks in address
// order, say). Ranks: docs/locking.md.
struct LockClass {
  const char* name;      // "mmap_lock", "pte.lock"
  PointSite locked;      // "mmap_lock.locked": just taken
  PointSite unlocked;    // "mmap_lock.unlocked": just released
  int rank;
  bool nests = false;
};

// An exclusive lock: mutexes, page locks and spinlocks alike (nobody spins
// here). Not recursive: taking a held lock again is a reported deadlock.
class ABSL_LOCKABLE Lock {
 public:
  explicit constexpr Lock(const LockClass& c) : class_(&c) {}
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void Acquire() ABSL_EXCLUSIVE_LOCK_FUNCTION();
  bool TryAcquire() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true);
  void Release() ABSL_UNLOCK_FUNCTION();
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK();

  bool locked() const { return locked_; }
  const Actor* owner() const { return owner_; }
  const LockClass& lock_class() const { return *class_; }

 private:
  friend class RwLock;
  const LockClass* class_;
  Actor* owner_ = nullptr;
  bool locked_ = false;
  bool contended_ = false;  // someone is parked in the scheduler's lock table
};

// A reader/writer lock in the manner of mmap_lock (Linux rw_semaphore): a
// waiting writer stops new readers.
class ABSL_LOCKABLE RwLock {
 public:
  explicit constexpr RwLock(const LockClass& c) : class_(&c), wait_(c.name) {}
  RwLock(const RwLock&) = delete;
  RwLock& operator=(const RwLock&) = delete;

  void ReadAcquire() ABSL_SHARED_LOCK_FUNCTION();
  bool ReadTryAcquire() ABSL_SHARED_TRYLOCK_FUNCTION(true);
  // False if a fatal interruption came first; then it is not held.
  [[nodiscard]] bool ReadAcquireKillable() ABSL_SHARED_TRYLOCK_FUNCTION(true);
  void ReadRelease() ABSL_UNLOCK_FUNCTION();
  void WriteAcquire() ABSL_EXCLUSIVE_LOCK_FUNCTION();
  bool WriteTryAcquire() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true);
  [[nodiscard]] bool WriteAcquireKillable()
      ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true);
  void WriteRelease() ABSL_UNLOCK_FUNCTION();
  void Downgrade();  // write -> read, without a window
  void AssertReadHeld() const ABSL_ASSERT_SHARED_LOCK();
  void AssertWriteHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK();

  int readers() const { return readers_; }
  bool write_locked() const { return writer_; }
  const LockClass& lock_class() const { return *class_; }

 private:
  const LockClass* class_;
  int readers_ = 0;
  bool writer_ = false;
  int writers_waiting_ = 0;
  WaitQueue wait_;
};

class ABSL_SCOPED_LOCKABLE LockGuard {
 public:
  explicit LockGuard(Lock& l) ABSL_EXCLUSIVE_LOCK_FUNCTION(l) : l_(l) {
    l_.Acquire();
  }
  ~LockGuard() ABSL_UNLOCK_FUNCTION() { l_.Release(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Lock& l_;
};

class ABSL_SCOPED_LOCKABLE ReadGuard {
 public:
  explicit ReadGuard(RwLock& l) ABSL_SHARED_LOCK_FUNCTION(l) : l_(l) {
    l_.ReadAcquire();
  }
  ~ReadGuard() ABSL_UNLOCK_FUNCTION() { l_.ReadRelease(); }
  ReadGuard(const ReadGuard&) = delete;
  ReadGuard& operator=(const ReadGuard&) = delete;

 private:
  RwLock& l_;
};

class ABSL_SCOPED_LOCKABLE WriteGuard {
 public:
  explicit WriteGuard(RwLock& l) ABSL_EXCLUSIVE_LOCK_FUNCTION(l) : l_(l) {
    l_.WriteAcquire();
  }
  ~WriteGuard() ABSL_UNLOCK_FUNCTION() { l_.WriteRelease(); }
  WriteGuard(const WriteGuard&) = delete;
  WriteGuard& operator=(const WriteGuard&) = delete;

 private:
  RwLock& l_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_LOCK_H_
