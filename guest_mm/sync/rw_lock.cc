// RwLock. Linux: kernel/locking/rwsem.c.

#include "guest_mm/base/check.h"
#include "guest_mm/sync/lock.h"
#include "guest_mm/sync/lock_keeper.h"
#include "guest_mm/sync/scheduler.h"

// The analysis checks the users of a lock, not the lock.
#define FL_NO_ANALYSIS ABSL_NO_THREAD_SAFETY_ANALYSIS

namespace faultline::mm {

// One place for both modes: take it if free, else wait to be granted it.
bool RwLock::Take(LockMode mode, Interruptible interruptible) FL_NO_ANALYSIS {
  LockKeeper::Approach(this, *class_);
  if (CanTake(mode)) {
    MarkTaken(mode);
    LockKeeper::Took(this, *class_, mode);
    return true;
  }
  contended_ = true;
  if (!LockKeeper::WaitFor(this, *class_, mode, interruptible)) {
    // A writer that gave up no longer keeps readers out.
    GrantWaiters();
    return false;
  }
  Scheduler::PointIfActive(class_->locked);
  return true;
}

bool RwLock::TryTake(LockMode mode) FL_NO_ANALYSIS {
  LockKeeper::ApproachTry(*class_);
  if (!CanTake(mode) || LockKeeper::TryFails(*class_)) {
    return false;
  }
  MarkTaken(mode);
  LockKeeper::Took(this, *class_, mode);
  return true;
}

bool RwLock::CanTake(LockMode mode) const {
  if (writer_ || contended_) {
    return false;
  }
  return mode == LockMode::kShared || readers_ == 0;
}

void RwLock::MarkTaken(LockMode mode) {
  if (mode == LockMode::kShared) {
    ++readers_;
  } else {
    writer_ = true;
  }
}

// Lets in those whose turn it is: one writer, or all readers at once.
// rwsem_mark_wake().
void RwLock::GrantWaiters() {
  const Actor* first = LockKeeper::FirstWaiter(this);
  if (first != nullptr && !writer_) {
    if (LockKeeper::Wanted(*first) == LockMode::kShared) {
      readers_ += LockKeeper::GrantShared(this, *class_);
    } else if (readers_ == 0) {
      writer_ = true;
      LockKeeper::GrantFirst(this, *class_);
    }
  }
  contended_ = LockKeeper::FirstWaiter(this) != nullptr;
}

void RwLock::ReadAcquire() FL_NO_ANALYSIS {
  (void)Take(LockMode::kShared, Interruptible::kNo);
}

bool RwLock::ReadTryAcquire() FL_NO_ANALYSIS {
  return TryTake(LockMode::kShared);
}

bool RwLock::ReadAcquireKillable() FL_NO_ANALYSIS {
  return Take(LockMode::kShared, Interruptible::kKillable);
}

void RwLock::ReadRelease() FL_NO_ANALYSIS {
  if (!LockKeeper::Drop(this, *class_, LockMode::kShared)) {
    return;
  }
  FL_CHECK(readers_ > 0);
  --readers_;
  if (contended_ && readers_ == 0) {
    GrantWaiters();
  }
  LockKeeper::Released(*class_);
}

void RwLock::WriteAcquire() FL_NO_ANALYSIS {
  (void)Take(LockMode::kExclusive, Interruptible::kNo);
}

bool RwLock::WriteTryAcquire() FL_NO_ANALYSIS {
  return TryTake(LockMode::kExclusive);
}

bool RwLock::WriteAcquireKillable() FL_NO_ANALYSIS {
  return Take(LockMode::kExclusive, Interruptible::kKillable);
}

void RwLock::WriteRelease() FL_NO_ANALYSIS {
  if (!LockKeeper::Drop(this, *class_, LockMode::kExclusive)) {
    return;
  }
  FL_CHECK(writer_);
  writer_ = false;
  if (contended_) {
    GrantWaiters();
  }
  LockKeeper::Released(*class_);
}

void RwLock::Downgrade() FL_NO_ANALYSIS {
  AssertWriteHeld();
  FL_CHECK(writer_);
  writer_ = false;
  readers_ = 1;
  LockKeeper::Downgraded(this);
  // Readers whose turn it is join; a writer at the front stays there.
  if (contended_) {
    GrantWaiters();
  }
}

void RwLock::AssertReadHeld() const FL_NO_ANALYSIS {
  LockKeeper::AssertHeld(this, *class_, LockMode::kShared);
}

void RwLock::AssertWriteHeld() const FL_NO_ANALYSIS {
  LockKeeper::AssertHeld(this, *class_, LockMode::kExclusive);
}

}  // namespace faultline::mm
