#include "guest_mm/sync/lock_keeper.h"

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check.h"
#include "guest_mm/sync/lock_table.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

// The latest entry: locks are mostly given back in reverse order.
template <typename Held>
auto FindHeld(Held& held, const void* lock) {
  auto it = held.end();
  while (it != held.begin()) {
    --it;
    if (it->lock == lock) {
      return it;
    }
  }
  return held.end();
}

}  // namespace

void LockKeeper::Approach(const void* lock, const LockClass& c) {
  Actor* me = Scheduler::Current();
  if (me == nullptr) {
    return;
  }
  CheckOrder(*me, lock, c);
  me->scheduler_.Point(c.locking);
}

void LockKeeper::ApproachTry(const LockClass& c) {
  Scheduler::PointIfActive(c.locking);
}

void LockKeeper::Took(const void* lock, const LockClass& c, LockMode mode) {
  Actor* me = Scheduler::Current();
  if (me == nullptr) {
    return;
  }
  me->held_.push_back({lock, &c, mode});
  me->scheduler_.Point(c.locked);
}

void LockKeeper::TookNew(const void* lock, const LockClass& c) {
  if (Actor* me = Scheduler::Current()) {
    me->held_.push_back({lock, &c, LockMode::kExclusive});
  }
}

bool LockKeeper::Drop(const void* lock, const LockClass& c, LockMode mode) {
  Actor* me = Scheduler::Current();
  if (me == nullptr) {
    return true;
  }
  auto it = FindHeld(me->held_, lock);
  if (it == me->held_.end() || it->mode != mode) {
    Report(LockReport::Kind::kNotHeld, me, c,
           absl::StrCat(Describe(*me), " releases ", c.name,
                        ", which it does not hold"));
    return false;
  }
  me->held_.erase(it);
  return true;
}

void LockKeeper::Downgraded(const void* lock) {
  if (Actor* me = Scheduler::Current()) {
    auto it = FindHeld(me->held_, lock);
    if (it != me->held_.end()) {
      it->mode = LockMode::kShared;
    }
  }
}

void LockKeeper::Released(const LockClass& c) {
  Scheduler::PointIfActive(c.unlocked);
}

void LockKeeper::AssertHeld(const void* lock, const LockClass& c,
                            LockMode mode) {
  const Actor* me = Scheduler::Current();
  if (me == nullptr) {
    return;
  }
  auto it = FindHeld(me->held_, lock);
  if (it == me->held_.end() ||
      (mode == LockMode::kExclusive && it->mode == LockMode::kShared)) {
    Report(LockReport::Kind::kNotHeld, me, c,
           absl::StrCat(Describe(*me), " must hold ", c.name,
                        mode == LockMode::kExclusive ? "" : " (shared)",
                        " here and does not"));
  }
}

bool LockKeeper::WaitFor(const void* lock, const LockClass& c, LockMode mode,
                         Interruptible interruptible) {
  Actor* me = Scheduler::Current();
  if (me == nullptr) {
    Report(LockReport::Kind::kContended, nullptr, c,
           absl::StrCat(c.name, " is held, and no actor runs that could wait"));
    return false;
  }
  if (interruptible == Interruptible::kKillable &&
      me->interruption_ == Interruption::kFatal) {
    return false;
  }
  CheckRing(*me, lock, c);
  me->wanted_lock_ = lock;
  me->wanted_mode_ = mode;
  LockTable& table = me->scheduler_.lock_table_;
  me->scheduler_.Park(table.QueueFor(lock, c.name), interruptible);
  me->wanted_lock_ = nullptr;
  if (me->wait_result_ == WaitResult::kInterrupted) {
    table.DropIfEmpty(lock);
    return false;
  }
  return true;
}

Actor* LockKeeper::FirstWaiter(const void* lock) {
  const Scheduler* scheduler = Scheduler::Active();
  if (scheduler == nullptr) {
    return nullptr;
  }
  const WaitQueue* queue = scheduler->lock_table_.Find(lock);
  return queue == nullptr ? nullptr : static_cast<Actor*>(queue->front());
}

void LockKeeper::Grant(Actor& to, const void* lock, const LockClass& c) {
  to.held_.push_back({lock, &c, to.wanted_mode_});
  to.scheduler_.EndWait(to, WaitResult::kWoken);
}

void LockKeeper::GrantFirst(const void* lock, const LockClass& c) {
  Actor* first = FirstWaiter(lock);
  FL_CHECK(first != nullptr);
  Grant(*first, lock, c);
  first->scheduler_.lock_table_.DropIfEmpty(lock);
}

int LockKeeper::GrantShared(const void* lock, const LockClass& c) {
  int granted = 0;
  LockTable& table = Scheduler::Active()->lock_table_;
  WaitQueue* queue = table.Find(lock);
  for (WaitNode* node = queue == nullptr ? nullptr : queue->front();
       node != nullptr;) {
    WaitNode* next = WaitQueue::Next(*node);
    auto& actor = static_cast<Actor&>(*node);
    if (actor.wanted_mode_ == LockMode::kShared) {
      Grant(actor, lock, c);
      ++granted;
    }
    node = next;
  }
  table.DropIfEmpty(lock);
  return granted;
}

}  // namespace faultline::mm
