#include "guest_mm/sync/lock.h"

#include <type_traits>

#include "guest_mm/sync/footprint.h"
#include "guest_mm/sync/lock_keeper.h"
#include "guest_mm/sync/scheduler.h"

// The analysis checks the users of a lock, not the lock.
#define FL_NO_ANALYSIS ABSL_NO_THREAD_SAFETY_ANALYSIS

namespace faultline::mm {

static_assert(sizeof(Lock) == 16 && std::is_trivially_destructible_v<Lock>);
static_assert(alignof(Actor) >= 4, "two bits of its address are ours");

void Lock::Acquire() FL_NO_ANALYSIS {
  LockKeeper::Approach(this, *class_);
  NoteWrite(this);
  if (locked()) {
    word_ |= kContended;
    // Granted: Release() of the one before has made us the owner.
    (void)LockKeeper::WaitFor(this, *class_, LockMode::kExclusive,
                              Interruptible::kNo);
    Scheduler::PointIfActive(class_->locked);
    return;
  }
  word_ = reinterpret_cast<uintptr_t>(Scheduler::Current()) | kLocked;
  LockKeeper::Took(this, *class_, LockMode::kExclusive);
}

bool Lock::TryAcquire() FL_NO_ANALYSIS {
  LockKeeper::ApproachTry(*class_);
  NoteWrite(this);
  if (locked() || LockKeeper::TryFails(*class_)) {
    return false;
  }
  word_ = reinterpret_cast<uintptr_t>(Scheduler::Current()) | kLocked;
  LockKeeper::Took(this, *class_, LockMode::kExclusive);
  return true;
}

void Lock::AcquireNew() FL_NO_ANALYSIS {
  FL_CHECK(!locked());
  word_ = reinterpret_cast<uintptr_t>(Scheduler::Current()) | kLocked;
  LockKeeper::TookNew(this, *class_);
}

void Lock::Release() FL_NO_ANALYSIS {
  if (!LockKeeper::Drop(this, *class_, LockMode::kExclusive)) {
    return;
  }
  NoteWrite(this);
  // A waiter that was interrupted leaves kContended behind.
  Actor* next =
      (word_ & kContended) != 0 ? LockKeeper::FirstWaiter(this) : nullptr;
  if (next == nullptr) {
    word_ = 0;
  } else {
    word_ = reinterpret_cast<uintptr_t>(next) | kLocked | kContended;
    LockKeeper::GrantFirst(this, *class_);
  }
  LockKeeper::Released(*class_);
}

void Lock::AssertHeld() const FL_NO_ANALYSIS {
  LockKeeper::AssertHeld(this, *class_, LockMode::kExclusive);
}

}  // namespace faultline::mm
