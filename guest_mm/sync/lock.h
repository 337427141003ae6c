#ifndef FAULTLINE_GUEST_MM_SYNC_LOCK_H_
#define FAULTLINE_GUEST_MM_SYNC_LOCK_H_

// The guest kernel's locks. Taking and releasing one are schedule points
// (before, just after, and after the release); contention parks the actor. A
// released lock is handed to the one who has waited longest. They know their
// class, so breaking the order in docs/locking.md is reported when it happens,
// not when it hangs (lock_report.h).
// Without a running Scheduler (unit tests of one function) they work and may
// not be contended.

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "guest_mm/base/check.h"
#include "guest_mm/sync/actor.h"
#include "guest_mm/sync/lock_class.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

// An exclusive lock: mutexes, page locks and spinlocks alike (nobody spins
// here). Not recursive: taking a held lock again is a reported deadlock.
// 16 bytes, trivially destructible: it sits in every Frame. Who waits is in a
// table of the scheduler's.
class ABSL_LOCKABLE Lock {
 public:
  explicit constexpr Lock(const LockClass& c) : class_(&c) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void Acquire() ABSL_EXCLUSIVE_LOCK_FUNCTION();
  bool TryAcquire() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true);
  // The lock of an object that nobody else knows of yet: it is free, and no
  // point is passed.
  void AcquireNew() ABSL_EXCLUSIVE_LOCK_FUNCTION();
  void Release() ABSL_UNLOCK_FUNCTION();
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK();

  bool locked() const { return (word_ & kLocked) != 0; }
  // Null when free, or when taken outside any actor.
  const Actor* owner() const {
    return reinterpret_cast<const Actor*>(word_ & ~kBits);
  }
  const LockClass& lock_class() const { return *class_; }
  // What it guards has changed its use (a frame becomes a page table). Linux:
  // lockdep_set_class(). It must be free.
  void set_lock_class(const LockClass& c) {
    FL_DCHECK(!locked());
    class_ = &c;
  }

 private:
  // The owner's address with two bits, as Linux's struct mutex keeps it.
  static constexpr uintptr_t kLocked = 1;
  static constexpr uintptr_t kContended = 2;  // the table may know waiters
  static constexpr uintptr_t kBits = kLocked | kContended;

  const LockClass* class_;
  uintptr_t word_ = 0;
};

// A reader/writer lock in the manner of mmap_lock (Linux rw_semaphore): a
// waiting writer stops new readers; when readers' turn comes, all who wait go
// in together. Not recursive, not even for reading.
class ABSL_LOCKABLE RwLock {
 public:
  explicit constexpr RwLock(const LockClass& c) : class_(&c) {}
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
  void AssertReadHeld() const ABSL_ASSERT_SHARED_LOCK();  // or for writing
  void AssertWriteHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK();

  int readers() const { return readers_; }
  bool write_locked() const { return writer_; }
  bool contended() const { return contended_; }
  const LockClass& lock_class() const { return *class_; }

 private:
  bool Take(LockMode mode, Interruptible interruptible);
  bool TryTake(LockMode mode);
  bool CanTake(LockMode mode) const;
  void MarkTaken(LockMode mode);
  void GrantWaiters();

  const LockClass* class_;
  int32_t readers_ = 0;
  bool writer_ = false;
  bool contended_ = false;  // somebody waits
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
