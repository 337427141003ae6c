// The checks of LockKeeper: order, deadlock, sleeping; and their words.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "guest_mm/sync/lock_keeper.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

std::vector<const Actor*> HoldersOf(const Scheduler& scheduler,
                                    const void* lock) {
  std::vector<const Actor*> holders;
  for (const auto& actor : scheduler.actors()) {
    for (const HeldLock& held : actor->held()) {
      if (held.lock == lock) {
        holders.push_back(actor.get());
        break;
      }
    }
  }
  return holders;
}

std::string HeldByName(const Actor& actor) {
  return absl::StrJoin(
      actor.held(), ", ", [](std::string* out, const HeldLock& held) {
        absl::StrAppend(out, held.lock_class->name,
                        held.mode == LockMode::kShared ? " (shared)" : "");
      });
}

}  // namespace

const char* ToString(LockReport::Kind kind) {
  switch (kind) {
    case LockReport::Kind::kOrder:
      return "lock order";
    case LockReport::Kind::kSelfDeadlock:
      return "lock taken twice";
    case LockReport::Kind::kDeadlock:
      return "deadlock";
    case LockReport::Kind::kNotHeld:
      return "lock not held";
    case LockReport::Kind::kHeldAtEnd:
      return "lock held at the end";
    case LockReport::Kind::kSleepInAtomic:
      return "sleeping with a spinlock held";
    case LockReport::Kind::kContended:
      return "lock contended outside a run";
  }
  return "?";
}

void LockKeeper::Report(LockReport::Kind kind, const Actor* me,
                        const LockClass& c, std::string text) {
  if (me != nullptr && me->scheduler_.on_report_) {
    me->scheduler_.on_report_({kind, me->id_, &c, std::move(text)});
    return;
  }
  std::fprintf(stderr, "faultline: %s: %s\n", ToString(kind), text.c_str());
  if (me != nullptr) {
    std::fputs(me->scheduler_.DescribeActors().c_str(), stderr);
  }
  std::fflush(stderr);
  std::abort();
}

void LockKeeper::CheckOrder(const Actor& me, const void* lock,
                            const LockClass& c) {
  for (const HeldLock& held : me.held_) {
    const LockClass& other = *held.lock_class;
    if (held.lock == lock) {
      Report(LockReport::Kind::kSelfDeadlock, &me, c,
             absl::StrCat(Describe(me), " takes ", c.name,
                          ", which it holds already"));
      return;
    }
    const bool in_order =
        other.rank < c.rank || (other.rank == c.rank && other.nests && c.nests);
    if (!in_order) {
      Report(LockReport::Kind::kOrder, &me, c,
             absl::StrCat(Describe(me), " takes ", c.name, " (rank ", c.rank,
                          ") while it holds ", other.name, " (rank ",
                          other.rank, ")"));
      return;
    }
  }
}

// Follows holder -> the lock it waits for -> its holders; a way back to `me`
// is a deadlock. Shared locks have many holders, hence the search.
void LockKeeper::CheckRing(const Actor& me, const void* lock,
                           const LockClass& c) {
  struct Step {
    const Actor* actor;
    std::string way;
  };
  std::vector<Step> todo;
  std::vector<const Actor*> seen;
  const auto follow = [&](const Actor& waiter, const void* wanted,
                          const char* name, const std::string& way) {
    for (const Actor* holder : HoldersOf(me.scheduler_, wanted)) {
      todo.push_back(
          {holder, absl::StrCat(way, Describe(waiter), " waits for ", name,
                                " held by ", Describe(*holder))});
    }
  };
  follow(me, lock, c.name, "");
  while (!todo.empty()) {
    const Step step = std::move(todo.back());
    todo.pop_back();
    if (step.actor == &me) {
      // Held by itself at the first step: CheckOrder has said so.
      if (!seen.empty()) {
        Report(LockReport::Kind::kDeadlock, &me, c, step.way);
        return;
      }
      continue;
    }
    if (step.actor->wanted_lock_ == nullptr ||
        std::find(seen.begin(), seen.end(), step.actor) != seen.end()) {
      continue;
    }
    seen.push_back(step.actor);
    follow(*step.actor, step.actor->wanted_lock_,
           step.actor->waiting_on() == nullptr
               ? "a lock"
               : step.actor->waiting_on()->name(),
           absl::StrCat(step.way, "; "));
  }
}

void LockKeeper::CheckNoneHeld(const Actor& ending) {
  if (!ending.held_.empty()) {
    Report(LockReport::Kind::kHeldAtEnd, &ending,
           *ending.held_.front().lock_class,
           absl::StrCat(Describe(ending), " ends while it holds ",
                        HeldByName(ending)));
  }
}

void LockKeeper::CheckMaySleep(const Actor& me, const WaitQueue& queue) {
  for (const HeldLock& held : me.held_) {
    if (held.lock_class->while_held == WhileHeld::kAtomic) {
      Report(LockReport::Kind::kSleepInAtomic, &me, *held.lock_class,
             absl::StrCat(Describe(me), " waits for ", queue.name(),
                          " while it holds ", HeldByName(me)));
      return;
    }
  }
}

std::string LockKeeper::Describe(const Actor& actor) {
  return absl::StrCat("'", actor.name_, "' (#", actor.id_, ")");
}

std::string LockKeeper::DescribeFully(const Scheduler& scheduler,
                                      const Actor& actor) {
  std::string text = Describe(actor);
  switch (actor.state_) {
    case Actor::State::kRunnable:
      text += scheduler.current_ == &actor ? " runs" : " can run";
      break;
    case Actor::State::kDone:
      text += " is done";
      break;
    case Actor::State::kWaiting:
      absl::StrAppend(&text, " waits for ",
                      actor.waiting_on() == nullptr
                          ? "nothing any more"
                          : actor.waiting_on()->name());
      break;
  }
  if (actor.wanted_lock_ != nullptr) {
    if (actor.wanted_mode_ == LockMode::kShared) {
      text += " (shared)";
    }
    const char* separator = ", held by ";
    for (const Actor* holder : HoldersOf(scheduler, actor.wanted_lock_)) {
      absl::StrAppend(&text, separator, Describe(*holder));
      separator = " and ";
    }
  }
  if (actor.at_ != nullptr) {
    absl::StrAppend(&text, "; last at ", actor.at_->name);
  }
  if (!actor.held_.empty()) {
    absl::StrAppend(&text, "; holds ", HeldByName(actor));
  }
  return text;
}

std::string Scheduler::DescribeActors() const {
  std::string text;
  for (const auto& actor : actors_) {
    absl::StrAppend(&text, LockKeeper::DescribeFully(*this, *actor), "\n");
  }
  return text;
}

}  // namespace faultline::mm
