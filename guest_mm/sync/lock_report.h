#ifndef FAULTLINE_GUEST_MM_SYNC_LOCK_REPORT_H_
#define FAULTLINE_GUEST_MM_SYNC_LOCK_REPORT_H_

// LockReport: a rule of locking was broken. Linux: what lockdep and
// DEBUG_ATOMIC_SLEEP print. A value, so that tests and the explorer can read
// it; without a handler (Scheduler::set_report_handler) it is printed and the
// process ends, because it is a bug of ours, never of the guest.

#include <cstdint>
#include <string>

namespace faultline::mm {

struct LockClass;

struct LockReport {
  enum class Kind : uint8_t {
    kOrder,          // taken while one of the same or a higher rank is held
    kSelfDeadlock,   // taken by the actor that has it; it waits for ever
    kDeadlock,       // a ring of actors, each waiting for the next one's lock
    kNotHeld,        // released or asserted by one that does not have it
    kHeldAtEnd,      // the actor's body returned with it
    kSleepInAtomic,  // waiting while a spinlock is held
    kContended,      // would have to wait, and no scheduler runs
  };
  Kind kind;
  uint32_t actor_id = 0;
  const LockClass* lock_class = nullptr;  // the lock concerned
  std::string text;                       // one line, names only
};

const char* ToString(LockReport::Kind kind);  // "lock order", ...

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_LOCK_REPORT_H_
