#include "guest_mm/sync/scheduler.h"

#include <algorithm>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/sync/lock_keeper.h"

namespace faultline::mm {
namespace {

bool LetsIn(Interruptible mode, Interruption what) {
  switch (mode) {
    case Interruptible::kNo:
      return false;
    case Interruptible::kKillable:
      return what == Interruption::kFatal;
    case Interruptible::kYes:
      return what != Interruption::kNone;
  }
  return false;
}

bool ById(const Actor* a, const Actor* b) { return a->id() < b->id(); }

}  // namespace

constinit thread_local Scheduler* Scheduler::active_ = nullptr;

Scheduler::Scheduler(std::unique_ptr<Strategy> strategy)
    : strategy_(std::move(strategy)) {}

Scheduler::~Scheduler() {
  FL_CHECK(active_ != this);
  // Places in queues may lie on the stacks of unfinished actors, and the
  // queues may live on: those stacks stay as they are.
  for (const std::unique_ptr<Actor>& actor : actors_) {
    SanitizerAbandon(actor->fiber_->stack().bottom, kStackBytes);
    actor->WaitNode::Remove();  // nobody is woken any more
  }
  // What their bodies hold may cancel timers or wake queues as it ends: the
  // rest of us is still there for it.
  while (!actors_.empty()) {
    const std::unique_ptr<Actor> last = std::move(actors_.back());
    actors_.pop_back();
  }
}

Actor& Scheduler::Spawn(std::string name, std::function<void()> body) {
  return SpawnActor(std::move(name), std::move(body), IsDaemon::kNo);
}

Actor& Scheduler::SpawnDaemon(std::string name, std::function<void()> body) {
  return SpawnActor(std::move(name), std::move(body), IsDaemon::kYes);
}

Actor& Scheduler::SpawnActor(std::string name, std::function<void()> body,
                             IsDaemon daemon) {
  const Stack stack = stacks_.Take();
  FL_CHECK(stack);
  actors_.push_back(std::unique_ptr<Actor>(
      new Actor(*this, next_id_++, std::move(name), daemon)));
  Actor& actor = *actors_.back();
  actor.body_ = std::move(body);
  actor.fiber_ = std::make_unique<Fiber>(stack, &Scheduler::ActorMain, &actor);
  MakeRunnable(actor);
  return actor;
}

void Scheduler::ActorMain(void* arg) noexcept {
  Actor& self = *static_cast<Actor*>(arg);
  self.body_();
  self.body_ = nullptr;  // what it captured may still use the actor
  self.scheduler_.Finish(self);
}

void Scheduler::Finish(Actor& actor) {
  LockKeeper::CheckNoneHeld(actor);
  actor.state_ = Actor::State::kDone;
  MakeUnrunnable(actor);
  finished_ = &actor;
  last_ran_ = nullptr;
  current_ = nullptr;
  Fiber::SwitchForGood(*actor.fiber_, main_);
}

// Frees the actor that has just ended; it could not free the stack it stood on.
void Scheduler::Reap() {
  if (finished_ == nullptr) {
    return;
  }
  stacks_.Return(finished_->fiber_->stack());
  auto it = std::lower_bound(
      actors_.begin(), actors_.end(), finished_->id(),
      [](const auto& actor, uint32_t id) { return actor->id() < id; });
  FL_CHECK(it != actors_.end() && it->get() == finished_);
  actors_.erase(it);
  finished_ = nullptr;
}

Scheduler::End Scheduler::Run() {
  FL_CHECK(active_ == nullptr);
  active_ = this;
  End end = End::kAllDone;
  for (;;) {
    Reap();
    if (stop_) {
      end = End::kStopped;
      break;
    }
    if (!runnable_.empty()) {
      if (Actor* stopped = std::exchange(stopped_, nullptr)) {
        SwitchTo(*stopped);
      } else {
        ChooseAndSwitch(kSchedNext, SliceIs::kNotOver);
      }
    } else if (OnlyDaemonsLeft()) {
      break;
    } else if (!Idle()) {
      end = End::kDeadlock;
      break;
    }
  }
  stop_ = false;
  UpdateInteresting();
  active_ = nullptr;
  return end;
}

bool Scheduler::OnlyDaemonsLeft() const {
  return std::all_of(actors_.begin(), actors_.end(),
                     [](const auto& actor) { return actor->daemon(); });
}

bool Scheduler::Idle() {
  // That a daemon is to look round once more helps nobody who waits.
  const bool timed = timers_.size() > daemon_timers_;
  if (outside_) {
    outside_(timed ? MayWait::kNo : MayWait::kYes);
  }
  if (!runnable_.empty() || !timed) {
    return !runnable_.empty();
  }
  now_ = std::max(now_, next_timer_);
  FireTimers();
  return true;
}

void Scheduler::MakeRunnable(Actor& actor) {
  actor.state_ = Actor::State::kRunnable;
  runnable_.insert(
      std::lower_bound(runnable_.begin(), runnable_.end(), &actor, ById),
      &actor);
  UpdateInteresting();
}

void Scheduler::MakeUnrunnable(Actor& actor) {
  auto it = std::lower_bound(runnable_.begin(), runnable_.end(), &actor, ById);
  FL_CHECK(it != runnable_.end() && *it == &actor);
  runnable_.erase(it);
  UpdateInteresting();
}

void Scheduler::UpdateInteresting() {
  interesting_ = stop_ || wants_points_ ||
                 (runnable_.size() > 1 && strategy_->wants_every_point());
}

void Scheduler::set_observer(ScheduleObserver* observer, bool wants_points) {
  observer_ = observer;
  wants_points_ = observer != nullptr && wants_points;
  UpdateInteresting();
}

void Scheduler::PointSlow(const PointSite& site) {
  if (wants_points_) {
    observer_->OnPoint(*current_, site);
  }
  StopIfAsked();
  if (strategy_->wants_every_point()) {
    ChooseAndSwitch(site, SliceIs::kNotOver);
  }
}

void Scheduler::GoRound(const PointSite& site) {
  constexpr uint64_t kRoundNs = 1000;
  Advance(kRoundNs);
  Yield(site);
}

void Scheduler::RunFirst(Actor& other) {
  FL_CHECK(&other != current_ && other.state_ == Actor::State::kRunnable);
  interludes_.push_back({&other, current_});
  SwitchTo(other);
}

Actor* Scheduler::InInterlude(SliceIs slice) {
  if (interludes_.empty()) {
    return nullptr;
  }
  const Interlude last = interludes_.back();
  const bool goes_on = current_ == last.runs && slice == SliceIs::kNotOver &&
                       current_->state_ == Actor::State::kRunnable;
  if (goes_on) {
    return current_;
  }
  interludes_.pop_back();
  return last.stands;
}

void Scheduler::SliceOver(const PointSite& site) {
  current_->at_ = &site;
  if (wants_points_) {
    observer_->OnPoint(*current_, site);
  }
  StopIfAsked();
  ChooseAndSwitch(site, SliceIs::kOver);
}

void Scheduler::StopIfAsked() {
  if (stop_) {
    stopped_ = current_;
    SwitchToMain();
  }
}

void Scheduler::ChooseAndSwitch(const PointSite& site, SliceIs slice) {
  if (Actor* next = InInterlude(slice)) {
    if (next != current_) {
      SwitchTo(*next);
    }
    return;
  }
  size_t index = 0;
  if (runnable_.size() > 1) {
    Choice choice;
    choice.runnable = runnable_;
    const bool can_go_on =
        current_ != nullptr && current_->state_ == Actor::State::kRunnable;
    choice.current = can_go_on ? current_ : nullptr;
    choice.last_id = last_id_;
    choice.at = &site;
    choice.slice_over = slice == SliceIs::kOver;
    index = strategy_->Choose(choice);
    FL_CHECK(index < runnable_.size());
  }
  if (runnable_[index] != current_) {
    SwitchTo(*runnable_[index]);
  }
}

void Scheduler::SwitchTo(Actor& next) {
  Fiber& from = current_ != nullptr ? *current_->fiber_ : main_;
  if (observer_ != nullptr && last_ran_ != &next) {
    observer_->OnSwitch(last_ran_, next,
                        last_ran_ != nullptr ? last_ran_->at_ : nullptr);
  }
  current_ = &next;
  last_ran_ = &next;
  last_id_ = next.id();
  Fiber::Switch(from, *next.fiber_);
}

void Scheduler::SwitchToMain() {
  Actor& from = *std::exchange(current_, nullptr);
  Fiber::Switch(*from.fiber_, main_);
}

void Scheduler::Park(WaitQueue& queue, Interruptible mode) {
  Actor& me = *current_;
  me.wait_mode_ = mode;
  me.wait_result_ = WaitResult::kWoken;
  me.state_ = Actor::State::kWaiting;
  queue.Add(me);
  MakeUnrunnable(me);
  if (stop_ || runnable_.empty()) {
    SwitchToMain();
  } else {
    ChooseAndSwitch(kSchedWait, SliceIs::kNotOver);
  }
}

void Scheduler::EndWait(Actor& actor, WaitResult result) {
  FL_CHECK(actor.state_ == Actor::State::kWaiting);
  actor.Remove();
  actor.wait_result_ = result;
  MakeRunnable(actor);
}

WaitResult Scheduler::Wait(WaitQueue& queue, Interruptible mode,
                           VirtualTime deadline) {
  Actor& me = *current_;
  LockKeeper::CheckMaySleep(me, queue);
  if (LetsIn(mode, me.interruption_)) {
    return WaitResult::kInterrupted;
  }
  if (deadline <= now_) {
    return WaitResult::kTimedOut;
  }
  TimerId timer = 0;
  if (deadline != VirtualTime::Never()) {
    timer = AddTimer(deadline, [this, &me] {
      // It may have been woken at this very instant and not have run since.
      if (me.state_ == Actor::State::kWaiting) {
        EndWait(me, WaitResult::kTimedOut);
      }
      daemon_timers_ -= me.daemon() ? 1 : 0;
    });
    daemon_timers_ += me.daemon() ? 1 : 0;
  }
  Park(queue, mode);
  if (timer != 0 && CancelTimer(timer)) {
    daemon_timers_ -= me.daemon() ? 1 : 0;
  }
  return me.wait_result_;
}

WaitResult Scheduler::Sleep(VirtualTime until, Interruptible mode) {
  WaitQueue nobody_wakes("sleep");
  return Wait(nobody_wakes, mode, until);
}

void Scheduler::Interrupt(Actor& actor, Interruption what) {
  actor.interruption_ = std::max(actor.interruption_, what);
  if (actor.state_ == Actor::State::kWaiting &&
      LetsIn(actor.wait_mode_, actor.interruption_)) {
    EndWait(actor, WaitResult::kInterrupted);
  }
}

Scheduler::TimerId Scheduler::AddTimer(VirtualTime at,
                                       std::function<void()> fn) {
  const TimerId id = timers_.Add(at, std::move(fn));
  next_timer_ = timers_.next();
  return id;
}

bool Scheduler::CancelTimer(TimerId id) {
  const bool armed = timers_.Cancel(id);
  next_timer_ = timers_.next();
  return armed;
}

void Scheduler::FireTimers() {
  // No actor runs while timers do: what they call must not come to a point.
  Actor* interrupted = std::exchange(current_, nullptr);
  timers_.Fire(now_);
  current_ = interrupted;
  next_timer_ = timers_.next();
}

}  // namespace faultline::mm
