#ifndef FAULTLINE_GUEST_MM_SYNC_SCHEDULER_H_
#define FAULTLINE_GUEST_MM_SYNC_SCHEDULER_H_

// Scheduler: runs actors one at a time on one host thread, switching only at
// schedule points. Owns the actors, virtual time and its timers.
// Linux: kernel/sched, kernel/time, as far as a memory manager needs them.
//
// An actor's body is straight code on a stack of its own (Boost.Context) and
// may block anywhere. No exception may leave it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/sync/actor.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/sync/strategy.h"
#include "guest_mm/sync/virtual_time.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::mm {

// Told of every switch and, while it asks for them, every point passed.
class ScheduleObserver {
 public:
  virtual ~ScheduleObserver() = default;
  virtual void OnSwitch(const Actor* from, const Actor& to,
                        const PointSite* at) = 0;
  virtual void OnPoint(const Actor& actor, const PointSite& at) = 0;
};

class Scheduler {
 public:
  // How a run ended.
  enum class End : uint8_t {
    kAllDone,   // every actor's body returned
    kStopped,   // Stop() was called
    kDeadlock,  // actors wait, none can run, and no timer is armed
  };
  using TimerId = uint64_t;  // 0 is never one

  explicit Scheduler(std::unique_ptr<Strategy> strategy);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // The scheduler whose Run() is on this thread's stack, or null.
  static Scheduler* Active() { return active_; }
  // The running actor, or null outside Run().
  static Actor* Current() { return active_ ? active_->current_ : nullptr; }

  // A new runnable actor. `body` runs on its own stack of kStackBytes with a
  // guard page. It may be called before Run() or from an actor.
  Actor& Spawn(std::string name, std::function<void()> body);

  End Run();
  // Makes Run() return at the next point; actors are kept as they are.
  void Stop() { stop_ = true; }

  // --- from the running actor ---

  // A schedule point: another actor may run before this returns. Nearly free
  // while only one actor can run.
  void Point(const PointSite& site) {
    current_->at_ = &site;
    if (interesting_) {
      PointSlow(site);
    }
  }
  // Same, from code that may also run with no scheduler at all.
  static void PointIfActive(const PointSite& site) {
    if (active_ != nullptr && active_->current_ != nullptr) {
      active_->Point(site);
    }
  }
  // Parks the running actor on `queue` until woken, `deadline`, or an
  // interruption that `mode` lets in. Never returns early otherwise.
  WaitResult Wait(WaitQueue& queue, Interruptible mode,
                  VirtualTime deadline = VirtualTime::Never());
  // Waits for time alone.
  WaitResult Sleep(VirtualTime until, Interruptible mode);
  // Gives way: round robin moves on to the next actor.
  void Yield(const PointSite& site);
  // The slice is used up (the engine counted enough blocks): the strategy is
  // asked with slice_over set.
  void SliceOver(const PointSite& site);

  // --- from anyone ---

  // Notes the interruption and ends a wait that lets it in.
  void Interrupt(Actor& actor, Interruption what);

  VirtualTime now() const { return now_; }
  // Adds executed time and fires the timers that came due.
  void Advance(uint64_t ns) {
    now_ = now_ + ns;
    if (now_ >= next_timer_) {
      FireTimers();
    }
  }
  // Calls `fn` once, from the scheduler (it may wake and interrupt, not
  // block), when now() >= `at`. Timers of one instant fire in order of arming.
  TimerId AddTimer(VirtualTime at, std::function<void()> fn);
  // False if it has fired or never was.
  bool CancelTimer(TimerId id);
  VirtualTime next_timer() const { return next_timer_; }

  // How many actors can run now, the running one included.
  size_t runnable_count() const;
  const std::vector<std::unique_ptr<Actor>>& actors() const { return actors_; }
  const Strategy& strategy() const { return *strategy_; }
  void set_observer(ScheduleObserver* observer, bool wants_points);

  // Every waiting actor, what it waits for and what it holds: for a deadlock.
  std::string DescribeActors() const;

  static constexpr size_t kStackBytes = 256 * 1024;

 private:
  friend class WaitQueue;
  friend class Lock;
  friend class RwLock;
  struct Impl;

  void PointSlow(const PointSite& site);
  void FireTimers();

  static thread_local Scheduler* active_;
  Actor* current_ = nullptr;
  bool interesting_ = false;  // more than one runnable, observed, or stopping
  bool stop_ = false;
  VirtualTime now_;
  VirtualTime next_timer_ = VirtualTime::Never();
  std::vector<std::unique_ptr<Actor>> actors_;
  std::unique_ptr<Strategy> strategy_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_SCHEDULER_H_
