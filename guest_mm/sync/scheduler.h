#ifndef FAULTLINE_GUEST_MM_SYNC_SCHEDULER_H_
#define FAULTLINE_GUEST_MM_SYNC_SCHEDULER_H_

// Scheduler: runs actors one at a time on one host thread, switching only at
// schedule points. Owns the actors, virtual time and its timers.
// Linux: kernel/sched, kernel/time, as far as a memory manager needs them.
//
// An actor's body is straight code on a stack of its own (Boost.Context) and
// may block anywhere. No exception may leave it. Actors that have not finished
// when the Scheduler is destroyed are dropped, not unwound: what their stacks
// own is leaked.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/sync/actor.h"
#include "guest_mm/sync/fiber.h"
#include "guest_mm/sync/lock_report.h"
#include "guest_mm/sync/lock_table.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/sync/sanitizer.h"
#include "guest_mm/sync/stack_pool.h"
#include "guest_mm/sync/strategy.h"
#include "guest_mm/sync/timer_queue.h"
#include "guest_mm/sync/virtual_time.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::mm {

// Where actors stand when it is no named place of the memory manager's.
inline constexpr PointSite kSchedWait{"sched.wait"};
inline constexpr PointSite kSchedNext{"sched.next"};  // between two actors

// Told of every switch and, while it asks for them, every point passed.
class ScheduleObserver {
 public:
  virtual ~ScheduleObserver() = default;
  // `to` runs now; `from` ran before it (null: none has, or it has ended) and
  // stood at `at`.
  virtual void OnSwitch(const Actor* from, const Actor& to,
                        const PointSite* at) = 0;
  // On the actor's stack: it may start actors, and have others run (RunFirst(),
  // GoRound()), which comes here again.
  virtual void OnPoint(const Actor& actor, const PointSite& at) = 0;
};

enum class MayWait : bool { kNo, kYes };

class Scheduler {
 public:
  // How a run ended.
  enum class End : uint8_t {
    kAllDone,   // every actor's body returned, but for waiting daemons
    kStopped,   // Stop() was called
    kDeadlock,  // actors wait, none can run, and nothing will come to wake one
  };
  using TimerId = TimerQueue::Id;  // 0 is never one

  explicit Scheduler(std::unique_ptr<Strategy> strategy);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // The scheduler whose Run() is on this thread's stack, or null.
  static Scheduler* Active() { return active_; }
  // For who puts memory back to a moment at which another Run(), or none, was
  // on this thread's stack.
  static void SetActive(Scheduler* scheduler) { active_ = scheduler; }
  // The running actor, or null outside Run() and in timers.
  static Actor* Current() { return active_ ? active_->current_ : nullptr; }

  // Makes the next Spawn() certain to succeed. False if the host has no room
  // for another stack: a guest's fork() then gets EAGAIN.
  bool ReserveStack() { return stacks_.Reserve(); }
  // A new runnable actor. `body` runs on its own stack of kStackBytes with a
  // guard page. It may be called before Run() or from an actor. The Actor is
  // destroyed when `body` has returned. No room for a stack is fatal here.
  Actor& Spawn(std::string name, std::function<void()> body);

  // The same for an actor that serves others and never ends by itself.
  Actor& SpawnDaemon(std::string name, std::function<void()> body);

  End Run();
  // Makes Run() return at the next point; actors are kept as they are, and the
  // next Run() continues as if there had been no stop.
  void Stop() {
    stop_ = true;
    interesting_ = true;
  }

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
  // interruption that `mode` lets in. Never returns early otherwise. An
  // interruption that is already there, then a deadline that has passed,
  // answers at once.
  WaitResult Wait(WaitQueue& queue, Interruptible mode,
                  VirtualTime deadline = VirtualTime::Never());
  // Waits for time alone.
  WaitResult Sleep(VirtualTime until, Interruptible mode);
  // Gives way: round robin moves on to the next actor.
  void Yield(const PointSite& site) { SliceOver(site); }
  // For one who tries again until others are done: lets a moment pass, so that
  // those come by who sleep.
  void GoRound(const PointSite& site);
  // `other`, which can run, does so before this returns, until it waits, gives
  // way or ends; the strategy is not asked. For what somebody else is to do
  // just here.
  void RunFirst(Actor& other);
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
  size_t runnable_count() const { return runnable_.size(); }
  // Those whose body has not returned, by id.
  const std::vector<std::unique_ptr<Actor>>& actors() const { return actors_; }
  const Strategy& strategy() const { return *strategy_; }
  void set_observer(ScheduleObserver* observer, bool wants_points);

  // Called when every actor waits: `look` wakes those for whom something has
  // come from outside the machine. kNo: timers are armed, so it only looks;
  // kYes: there is nothing else to wait for, so it may wait on the host.
  void set_outside(std::function<void(MayWait)> look) {
    outside_ = std::move(look);
  }

  // Broken rules of locking go to `handler` and the run goes on. Without one
  // the first is printed and ends the process.
  void set_report_handler(std::function<void(const LockReport&)> handler) {
    on_report_ = std::move(handler);
  }

  // Every actor, what it waits for, who has that, and what it holds: a line
  // each.
  std::string DescribeActors() const;

  // The deepest legitimate use (a fault inside a copy inside a system call,
  // with Unicorn's translator below) needs a few tens of KiB; sanitizers'
  // frames are several times larger.
  static constexpr size_t kStackBytes =
      (kAddressSanitizer ? 2048 : 512) * size_t{1024};

 private:
  friend class Actor;
  friend class LockKeeper;

  static void ActorMain(void* actor) noexcept;
  Actor& SpawnActor(std::string name, std::function<void()> body, IsDaemon d);
  bool OnlyDaemonsLeft() const;
  [[noreturn]] void Finish(Actor& actor);
  void Reap();
  void MakeRunnable(Actor& actor);
  void MakeUnrunnable(Actor& actor);
  void UpdateInteresting();
  void PointSlow(const PointSite& site);
  void StopIfAsked();
  // Asks the strategy and goes on with its choice.
  void ChooseAndSwitch(const PointSite& site, SliceIs slice);
  // Who runs next because of a RunFirst(), or null.
  Actor* InInterlude(SliceIs slice);
  void SwitchTo(Actor& next);
  void SwitchToMain();
  // Puts the running actor to sleep on `queue` and returns when it has been
  // made runnable again; why is in wait_result_.
  void Park(WaitQueue& queue, Interruptible mode);
  void EndWait(Actor& actor, WaitResult result);
  // Every actor waits: something from outside wakes one, or time jumps. False
  // if neither can happen.
  bool Idle();
  void FireTimers();

  static constinit thread_local Scheduler* active_;
  Actor* current_ = nullptr;
  bool interesting_ = false;  // Point() has something to do
  bool stop_ = false;
  bool wants_points_ = false;
  VirtualTime now_;
  VirtualTime next_timer_ = VirtualTime::Never();

  std::unique_ptr<Strategy> strategy_;
  ScheduleObserver* observer_ = nullptr;
  std::function<void(const LockReport&)> on_report_;
  std::function<void(MayWait)> outside_;
  TimerQueue timers_;
  size_t daemon_timers_ = 0;  // of them: the ends of daemons' waits
  LockTable lock_table_;
  StackPool stacks_{kStackBytes};
  Fiber main_;  // where Run() was called

  uint32_t next_id_ = 0;
  std::vector<std::unique_ptr<Actor>> actors_;  // by id
  std::vector<Actor*> runnable_;                // by id
  // Who runs for whom, by RunFirst(), the latest last.
  struct Interlude {
    Actor* runs;
    Actor* stands;
  };
  std::vector<Interlude> interludes_;
  Actor* finished_ = nullptr;  // its stack was in use when it ended
  Actor* stopped_ = nullptr;   // where Stop() cut in
  Actor* last_ran_ = nullptr;  // null once it has ended
  uint32_t last_id_ = ~0u;     // its id even then; at first, before #0
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_SCHEDULER_H_
