// The way back: copies of the process run again to where gdb wants to be.

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "plugin/gdb/stub.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::gdb {
namespace {

// The first place of every run.
constexpr Position kBeginning{};

Position JustBefore(Position p) {
  constexpr uint64_t kLast = ~uint64_t{0};
  if (p.pc != 0) {
    return {p.epoch, p.block, p.pc - 1};
  }
  return p.block != 0 ? Position{p.epoch, p.block - 1, kLast}
                      : Position{p.epoch - 1, kLast, kLast};
}

}  // namespace

// The next place at which something is to be done.
std::optional<Position> Stub::Due() const {
  std::optional<Position> due;
  const auto at = [&due](const Position& position) {
    due = due.has_value() ? std::min(*due, position) : position;
  };
  if (changes_made_ < session_.changes.size()) {
    at(session_.changes[changes_made_].at);
  }
  if (Reruns()) {
    at(plan_->to);
    if (plan_->kind == Plan::Kind::kFindStep && !from_reached_) {
      at(plan_->from);
    }
  }
  return due;
}

void Stub::AtPosition(os::Task* task) {
  if (observer_ != nullptr && kernel_.observer() == nullptr &&
      stopped_at_ > furthest_) {
    kernel_.set_observer(observer_);
  }
  // Changes come before whatever else is at their place: that was found with
  // them made.
  while (changes_made_ < session_.changes.size() &&
         session_.changes[changes_made_].at <= stopped_at_) {
    if (Reruns() && plan_->to <= stopped_at_ &&
        session_.changes[changes_made_].at >= plan_->to) {
      break;  // where the plan ends, they are not made yet
    }
    Apply(session_.changes[changes_made_++], task);
  }
  if (Reruns() && plan_->kind == Plan::Kind::kFindStep && !from_reached_ &&
      plan_->from <= stopped_at_) {
    from_reached_ = true;
    NotePlan(
        {.kind = Stop::Kind::kStep, .thread = {.pid = 0, .tid = plan_->tid}},
        stopped_at_);
  }
  if (Reruns() && plan_->to <= stopped_at_) {
    EndPlan(task);
  }
}

void Stub::Record(Change change) {
  change.at = stopped_at_;
  // What was to come was of another future.
  session_.changes.resize(changes_made_);
  session_.changes.push_back(std::move(change));
  ++changes_made_;
}

void Stub::Apply(const Change& change, os::Task* task) {
  if (change.kind != Change::Kind::kSignal) {
    (void)WriteNow(change);
    return;
  }
  if (signal_ != nullptr) {
    deliver_ = int(change.address);
  } else if (task != nullptr && change.address != 0) {
    (void)os::SendSignal(*task, os::SigInfo(int(change.address), os::kSiUser))
        .ok();
  }
}

void Stub::NotePlan(const Stop& stop, const Position& at) {
  const bool ends = stop.kind == Stop::Kind::kInterrupted;
  if (ends) {  // gdb has waited long enough: here it stays
    plan_.reset();
    Serve(stopped_task_, stop);
    return;
  }
  const bool after =
      stop.kind == Stop::Kind::kWatch && arch() == engine::Arch::kArm64;
  const bool before_end = after ? at <= plan_->to : at < plan_->to;
  const bool wanted = plan_->kind == Plan::Kind::kFindStep
                          ? stop.kind == Stop::Kind::kStep
                          : plan_->kind == Plan::Kind::kFindBack &&
                                (stop.kind == Stop::Kind::kBreakpoint ||
                                 stop.kind == Stop::Kind::kWatch ||
                                 stop.kind == Stop::Kind::kNamed ||
                                 stop.kind == Stop::Kind::kSyscallEnter ||
                                 stop.kind == Stop::Kind::kSyscallReturn);
  if (wanted && before_end) {
    if (!found_.has_value() || found_->at != at) {
      found_before_ = found_;
    }
    found_ = Found{.stop = stop, .at = at, .blocks = blocks_};
  }
}

void Stub::ForgetFound(const Position& at) {
  if (Reruns() && plan_->kind == Plan::Kind::kFindStep && found_.has_value() &&
      found_->at == at) {
    found_ = found_before_;
  }
}

void Stub::EndPlan(os::Task* task) {
  const Plan plan = *std::exchange(plan_, std::nullopt);
  Plan next = NewPlan(Plan::Kind::kServe);
  next.session = plan.session;
  switch (plan.kind) {
    case Plan::Kind::kServe: {
      Stop stop = plan.stop;
      if (stop.kind == Stop::Kind::kHistoryBegin && task != nullptr) {
        stop.thread = IdOf(*task);  // whoever went back may not be there yet
      }
      Serve(task, stop);
      return;
    }
    case Plan::Kind::kFindBlock:
      if (found_.has_value()) {
        next.kind = Plan::Kind::kFindStep;
        next.tid = plan.tid;
        next.from = found_->at;
        next.to = plan.to;
        next.to_blocks = plan.to_blocks;
        GoBack(std::move(next));
      }
      break;
    case Plan::Kind::kFindBack:
    case Plan::Kind::kFindStep:
      if (found_.has_value()) {
        next.to = found_->at;
        next.to_blocks = found_->blocks;
        next.stop = found_->stop;
        if (next.stop.kind == Stop::Kind::kStep) {
          const auto stepped = Find({.pid = 0, .tid = plan.tid});
          next.stop.thread =
              stepped != nullptr ? IdOf(*stepped) : plan.session.stopped;
        }
        GoBack(std::move(next));
      }
      break;
  }
  if (began_at_ > first_at_) {  // before the copy that this one began with
    next.kind =
        plan.kind == Plan::Kind::kFindBack ? plan.kind : Plan::Kind::kFindBlock;
    next.tid = plan.tid;
    next.to = began_at_;
    next.to_blocks = blocks_kept_;
    GoBack(std::move(next));
  }
  next.to = kBeginning;
  next.to_blocks = 0;
  next.stop = {.kind = Stop::Kind::kHistoryBegin,
               .thread = plan.session.stopped};
  GoBack(std::move(next));
}

Plan Stub::NewPlan(Plan::Kind kind) const {
  Plan plan;
  plan.kind = kind;
  plan.to = stopped_at_;
  plan.to_blocks = blocks_;
  plan.furthest = furthest_;
  plan.session = session_;
  plan.console = console_.log();
  return plan;
}

void Stub::TakeUp(Plan plan) {
  session_ = plan.session;
  furthest_ = plan.furthest;
  console_.Continue(plan.console);
  kernel_.set_observer(nullptr);
  StopGoing();
  found_.reset();
  from_reached_ = false;
  began_at_ = stopped_at_;
  interrupted_ = wants_copy_ = false;
  plan_ = std::move(plan);
  // The rest of the block that it stands in is a block.
  if (const os::Task* task = CurrentTask();
      plan_->kind == Plan::Kind::kFindBlock && task != nullptr &&
      task->tid() == plan_->tid && !at_event() && stopped_at_ < plan_->to) {
    found_ = Found{.stop = {}, .at = stopped_at_, .blocks = blocks_};
  }
  if (session_.counts_points) {
    CountPoints();
  }
  (void)SetPoints();
}

// What is looked for is most likely not far; if it is not found behind the
// latest copy, EndPlan() looks before that.
void Stub::GoBack(Plan plan) {
  switch (plan.kind) {
    case Plan::Kind::kServe:
      history_.GoBack(plan.to, plan);
    case Plan::Kind::kFindStep:
      history_.GoBack(plan.from, plan);
    case Plan::Kind::kFindBack:
    case Plan::Kind::kFindBlock:
      history_.GoBack(JustBefore(plan.to), plan);
  }
  std::abort();
}

void Stub::BackStep() {
  Plan plan = NewPlan(Plan::Kind::kFindBlock);
  // gdb may mean the thread that it looks at, and name only its process.
  const auto task =
      Find(session_.control.tid > 0 ? session_.control : session_.general);
  plan.tid = task != nullptr ? task->tid() : session_.stopped.tid;
  GoBack(std::move(plan));
}

void Stub::BackContinue() { GoBack(NewPlan(Plan::Kind::kFindBack)); }

}  // namespace faultline::gdb
