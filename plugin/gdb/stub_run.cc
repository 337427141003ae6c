// User mode, a run at a time.

#include <algorithm>
#include <bit>

#include "plugin/gdb/stub.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::gdb {
namespace {

using engine::CpuDebug;
using engine::Trap;

// How often gdb is asked whether it wants to interrupt, and how much may have
// run since the last copy of the process, in blocks.
constexpr uint64_t kBlocksPerLook = 1 << 16;
constexpr uint64_t kBlocksPerCopy = 1 << 26;

}  // namespace

const os::Task* Stub::CurrentTask() {
  const mm::Actor* const actor = mm::Scheduler::Current();
  return actor == nullptr ? nullptr
                          : static_cast<const os::Task*>(actor->owner());
}

Position Stub::Here() {
  const CpuDebug::Place place = cpu().place();
  return {epoch_, place.block, place.pc};
}

Trap Stub::RunUser(os::Task& task, uint64_t max_blocks) {
  return EnterUser(task, {.one = false, .max_blocks = max_blocks});
}

Trap Stub::StepUser(os::Task& task) {
  return EnterUser(task, {.one = true, .max_blocks = 0});
}

Trap Stub::EnterUser(os::Task& task, const Entry& entry) {
  ++epoch_;
  points_ = 0;
  Going& going = going_[task.tid()];
  stopped_at_ = {epoch_, 1, kernel_.cpu().pc()};
  StopBefore(task, going);
  const Trap trap = RunOn(task, going, entry);
  going.faulted.reset();
  if (trap.kind == Trap::Kind::kPageFault) {
    const uint64_t pc = kernel_.cpu().pc();
    if (trap.access == mm::Access::kExec) {
      ForgetFound({epoch_, 1, pc});  // it has not begun
    } else {
      going.faulted = pc;
    }
  }
  return trap;
}

Trap Stub::RunOn(os::Task& task, Going& going, const Entry& entry) {
  // It has stopped there already.
  const bool again = going.faulted == kernel_.cpu().pc();
  cpu().SkipBreakpoint(again ? going.faulted : std::nullopt);
  Arm(task, going, entry);
  engine::Cpu& engine = kernel_.cpu();
  Trap trap = entry.one ? engine.Step() : engine.Run(entry.max_blocks);
  while (cpu().why() != CpuDebug::Why::kNone) {
    StopWithin(task, going);
    Arm(task, going, entry);
    trap = entry.one ? engine.Step() : cpu().Resume();
  }
  return trap;
}

// On the way back, this thread's instructions are looked at one by one.
bool Stub::FindsSteps(const os::Task& task) const {
  return Reruns() && plan_->kind == Plan::Kind::kFindStep && from_reached_ &&
         task.tid() == plan_->tid;
}

// Sets the CPU up for what is left of the thread's way. Of an entry for one
// instruction nothing is left after it: StopBefore() sees the next.
void Stub::Arm(os::Task& task, Going& going, const Entry& entry) {
  CpuDebug& debug = cpu();
  const bool attached = Attached(task);
  const bool watch = going.watch.has_value();
  debug.SetAccesses(watch ? CpuDebug::Accesses::kPass
                          : CpuDebug::Accesses::kStop);
  debug.SetStep(!entry.one &&
                (watch || (attached && going.steps) || FindsSteps(task)));
  const std::optional<Position> due = Due();
  if (due.has_value() && due->epoch == epoch_) {
    debug.SetPlace(CpuDebug::Place{due->block, due->pc});
  } else {
    debug.SetPlace(std::nullopt);
  }
}

// Stops at the way into user mode.
void Stub::StopBefore(os::Task& task, Going& going) {
  if (!history_.begun() && connection_.open()) {
    session_.attached.insert(task.process().pid());
    Serve(&task, {.kind = Stop::Kind::kSignal,
                  .thread = IdOf(task),
                  .value = os::kSigTrap});
  }
  if (Reruns()) {
    OnKernelAccess(task, going);  // it was before here
  }
  AtPosition(&task);
  const uint64_t pc = kernel_.cpu().pc();
  if (FindsSteps(task) && going.faulted != pc) {
    NotePlan({.kind = Stop::Kind::kStep, .thread = IdOf(task)}, stopped_at_);
  }
  if (going.watch.has_value() && pc != going.watch_from) {
    const Stop stop = *std::exchange(going.watch, std::nullopt);
    Serve(&task, stop);
  }
  OnKernelAccess(task, going);
  going.called.reset();
  if (going.steps && pc != going.from && Attached(task)) {
    OnStep(task, going);
  }
  if (interrupted_ || (!Reruns() && connection_.open() &&
                       ++polled_ % 256 == 0 && connection_.Interrupted())) {
    interrupted_ = false;
    Serve(&task, {.kind = Stop::Kind::kInterrupted, .thread = IdOf(task)});
  }
}

// What the kernel has done for the thread to watched memory.
void Stub::OnKernelAccess(os::Task& task, const Going& going) {
  const auto access = cpu().TakeKernelAccess();
  auto stop = access.has_value() ? WatchedBy(task, *access) : std::nullopt;
  if (!stop.has_value()) {
    return;
  }
  const bool before = Reruns() && arch() != engine::Arch::kArm64;
  if (before && going.called.has_value()) {
    NotePlan(*stop, *going.called);
  } else {
    Serve(&task, *std::move(stop));
  }
}

void Stub::StopWithin(os::Task& task, Going& going) {
  stopped_at_ = Here();
  const CpuDebug::Why why = cpu().why();
  const bool done = why == CpuDebug::Why::kStep || why == CpuDebug::Why::kPlace;
  const bool watched = done && going.watch.has_value();
  if (watched) {
    const Stop stop = *std::exchange(going.watch, std::nullopt);
    Serve(&task, stop);
  }
  switch (why) {
    case CpuDebug::Why::kBreakpoint:
      OnBreakpoint(task);
      break;
    case CpuDebug::Why::kWatch:
      OnWatch(task, going);
      break;
    case CpuDebug::Why::kStep:
      if (!watched || going.steps || FindsSteps(task)) {
        OnStep(task, going);
      }
      break;
    case CpuDebug::Why::kPlace:
      AtPosition(&task);
      break;
    case CpuDebug::Why::kAsked:
      if (std::exchange(wants_copy_, false)) {
        KeepCopy();
        AtPosition(&task);
      }
      if (std::exchange(interrupted_, false)) {
        Serve(&task, {.kind = Stop::Kind::kInterrupted, .thread = IdOf(task)});
      }
      break;
    case CpuDebug::Why::kNone:
      break;
  }
}

const Point* Stub::PointAt(os::Task& task, uint64_t pc) const {
  const auto found = std::ranges::find_if(session_.points, [&](const Point& p) {
    return p.breaks() && p.address == pc && p.pid == task.process().pid();
  });
  return found == session_.points.end() ? nullptr : &*found;
}

void Stub::OnBreakpoint(os::Task& task) {
  const uint64_t pc = stopped_at_.pc;
  const Point* const point = Attached(task) ? PointAt(task, pc) : nullptr;
  cpu().SkipBreakpoint(point == nullptr || Reruns() ? std::optional(pc)
                                                    : std::nullopt);
  if (point != nullptr) {
    Serve(&task, {.kind = Stop::Kind::kBreakpoint,
                  .thread = IdOf(task),
                  .point = point->type});
  }
}

std::optional<Stop> Stub::WatchedBy(os::Task& task,
                                    const CpuDebug::Access& access) const {
  if (!Attached(task)) {
    return std::nullopt;
  }
  for (const Point& p : session_.points) {
    const bool kind = p.type == PointType::kAccessWatch ||
                      (p.type == PointType::kReadWatch && !access.store) ||
                      (p.type == PointType::kWriteWatch && access.store);
    if (!p.breaks() && kind && p.pid == task.process().pid() &&
        access.address >= p.address && access.address < p.address + p.bytes) {
      return Stop{.kind = Stop::Kind::kWatch,
                  .thread = IdOf(task),
                  .value = access.address,
                  .point = p.type};
    }
  }
  return std::nullopt;
}

// The access has not happened. gdb knows of arm64 that it is told before, and
// of x86 that it is told after; and on the way back the other way round.
void Stub::OnWatch(os::Task& task, Going& going) {
  std::optional<Stop> stop = WatchedBy(task, cpu().access());
  const bool before = (arch() == engine::Arch::kArm64) != Reruns();
  if (stop.has_value() && before) {
    Serve(&task, *stop);
    if (!Reruns()) {
      return;  // it stops again, unless gdb has taken the point away
    }
    stop.reset();
  }
  // On with it. One that is nobody's is let through in the same way.
  going.watch_from = stopped_at_.pc;
  going.watch = stop.value_or(Stop{.kind = Stop::Kind::kNothing});
}

void Stub::OnStep(os::Task& task, Going& going) {
  if (Reruns()) {
    NotePlan({.kind = Stop::Kind::kStep, .thread = IdOf(task)}, stopped_at_);
    return;
  }
  const uint64_t pc = stopped_at_.pc;
  going.from = pc;
  if (!going.steps || (pc >= going.range_start && pc < going.range_end &&
                       PointAt(task, pc) == nullptr)) {
    return;
  }
  going.steps = false;
  Serve(&task, {.kind = Stop::Kind::kStep, .thread = IdOf(task)});
}

// Who goes back is likely to go back some more: on the way there, copies are
// taken at distances from the end that halve, for the next time.
bool Stub::IsMark(uint64_t blocks) const {
  constexpr uint64_t kNearest = 64;
  if ((plan_->kind != Plan::Kind::kFindBlock &&
       plan_->kind != Plan::Kind::kServe) ||
      blocks >= plan_->to_blocks) {
    return false;
  }
  const uint64_t left = plan_->to_blocks - blocks;
  return left >= kNearest && std::has_single_bit(left) &&
         blocks - blocks_kept_ >= left;
}

// Inside the engine.
bool Stub::OnBlock(const CpuDebug::Place& place) {
  if (Reruns() && plan_->kind == Plan::Kind::kFindBlock) {
    const os::Task* const task = CurrentTask();
    const Position at{epoch_, place.block, place.pc};
    if (task != nullptr && task->tid() == plan_->tid && at < plan_->to) {
      found_ = Found{.stop = {}, .at = at, .blocks = blocks_};
    }
  }
  if (Reruns() && IsMark(blocks_ + 1)) {
    wants_copy_ = true;
  }
  if (++blocks_ % kBlocksPerLook != 0 || !connection_.open()) {
    return wants_copy_;
  }
  if (!Reruns() && connection_.Interrupted()) {
    interrupted_ = true;
  }
  wants_copy_ |= blocks_ - blocks_kept_ > kBlocksPerCopy;
  return interrupted_ || wants_copy_;
}

}  // namespace faultline::gdb
