#ifndef FAULTLINE_GUEST_MM_SYNC_LOCK_KEEPER_H_
#define FAULTLINE_GUEST_MM_SYNC_LOCK_KEEPER_H_

// LockKeeper: what Lock and RwLock have in common: the schedule points around
// them, the book of who holds what, the checks of order and deadlock, parking
// and handing over. Used by them and the Scheduler only.
// Linux: kernel/locking/lockdep.c, as far as it goes.

#include <string>

#include "guest_mm/sync/actor.h"
#include "guest_mm/sync/lock_class.h"
#include "guest_mm/sync/lock_report.h"

namespace faultline::mm {

class Lock;
class RwLock;
class WaitQueue;

class LockKeeper {
 public:
  // Before a lock is taken: the schedule point, and the order check.
  static void Approach(const void* lock, const LockClass& c);
  // Before a trylock: the schedule point alone.
  static void ApproachTry(const LockClass& c);
  // It could be had, but is to be found taken (sync/inject.h).
  static bool TryFails(const LockClass& c) {
    return c.trying.name != nullptr && MayFail(c.trying);
  }
  // It has been taken by the running actor: the book, then the point.
  static void Took(const void* lock, const LockClass& c, LockMode mode);
  // The book alone: for a lock that nobody else knows of.
  static void TookNew(const void* lock, const LockClass& c);
  // It is being given back: strikes it out. False, and a report, if the
  // running actor does not have it in this mode.
  static bool Drop(const void* lock, const LockClass& c, LockMode mode);
  static void Downgraded(const void* lock);
  static void Released(const LockClass& c);  // the point after it
  // Reports unless the running actor, if there is one, has the lock in this
  // mode or a stronger one.
  static void AssertHeld(const void* lock, const LockClass& c, LockMode mode);

  // Parks the running actor until the lock has been granted to it. False if
  // it was interrupted first: not granted, no longer waiting.
  static bool WaitFor(const void* lock, const LockClass& c, LockMode mode,
                      Interruptible interruptible);
  // The actor that has waited longest for `lock`, or null.
  static Actor* FirstWaiter(const void* lock);
  // Grants `lock`, which the caller has marked as taken, to those who wait:
  // the first one, or every one who wants to share it.
  static void GrantFirst(const void* lock, const LockClass& c);
  static int GrantShared(const void* lock, const LockClass& c);
  static LockMode Wanted(const Actor& actor) { return actor.wanted_mode_; }

  // For the scheduler.
  static void CheckNoneHeld(const Actor& ending);
  static void CheckMaySleep(const Actor& me, const WaitQueue& queue);
  // "'name' (#id)", and with the place, the wait and the locks held.
  static std::string Describe(const Actor& actor);
  static std::string DescribeFully(const Scheduler& scheduler,
                                   const Actor& actor);

 private:
  static void CheckOrder(const Actor& me, const void* lock, const LockClass& c);
  static void CheckRing(const Actor& me, const void* lock, const LockClass& c);
  static void Grant(Actor& to, const void* lock, const LockClass& c);
  // `me` may be null: no scheduler runs, and the report is fatal.
  static void Report(LockReport::Kind kind, const Actor* me, const LockClass& c,
                     std::string text);
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_LOCK_KEEPER_H_
