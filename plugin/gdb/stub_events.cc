// The kernel's own stops: signals, system calls, new and ending processes.

#include <algorithm>

#include "absl/strings/str_format.h"
#include "plugin/gdb/stub.h"
#include "plugin/linux/task/clone.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::gdb {

bool Stub::Attached(const os::Task& task) const {
  return session_.attached.contains(task.process().pid());
}

ThreadId Stub::IdOf(const os::Task& task) {
  return {task.process().pid(), task.tid()};
}

void Stub::AtEvent(os::Task* task) {
  ++epoch_;
  points_ = 0;
  stopped_at_ = {epoch_, 0, 0};
  AtPosition(task);
}

std::optional<os::SigInfo> Stub::OnSignal(os::Task& task,
                                          const os::SigInfo& info) {
  os::SigInfo shown = info;
  signal_ = &shown;
  deliver_ = info.signo;
  AtEvent(&task);
  if (Attached(task) && !session_.passed_signals.contains(info.signo)) {
    Serve(&task, {.kind = Stop::Kind::kSignal,
                  .thread = IdOf(task),
                  .value = uint64_t(info.signo)});
  }
  signal_ = nullptr;
  if (deliver_ == 0) {
    return std::nullopt;
  }
  return deliver_ == info.signo ? shown : os::SigInfo(deliver_, os::kSiUser);
}

void Stub::OnSyscall(os::Task& task, uint64_t number, os::SyscallEdge edge) {
  AtEvent(&task);
  if (edge == os::SyscallEdge::kEnter) {
    going_[task.tid()].called = stopped_at_;
  }
  if (Attached(task) && session_.Catches(number)) {
    Serve(&task,
          {.kind = edge == os::SyscallEdge::kEnter ? Stop::Kind::kSyscallEnter
                                                   : Stop::Kind::kSyscallReturn,
           .thread = IdOf(task),
           .value = number});
  }
}

void Stub::OnClone(os::Task& parent, os::Task& child, uint64_t flags) {
  AtEvent(&parent);
  const bool vfork = (flags & os::kCloneVfork) != 0;
  if ((flags & os::kCloneThread) != 0 || !Attached(parent) || Reruns() ||
      !(vfork ? session_.reports_vforks : session_.reports_forks)) {
    return;
  }
  // It has what gdb has put into its parent.
  const int64_t pid = child.process().pid();
  session_.attached.insert(pid);
  const std::vector<Point> points = session_.points;
  for (Point p : points) {
    if (p.pid == pid) {
      std::erase(session_.points, p);  // of the same child, before going back
    }
  }
  for (Point p : points) {
    if (p.pid == parent.process().pid()) {
      p.pid = pid;
      session_.points.push_back(p);
    }
  }
  Serve(&parent, {.kind = vfork ? Stop::Kind::kVfork : Stop::Kind::kFork,
                  .thread = IdOf(parent),
                  .child = IdOf(child)});
}

void Stub::OnVforkDone(os::Task& parent) {
  AtEvent(&parent);
  if (Attached(parent) && session_.reports_vforks) {
    Serve(&parent, {.kind = Stop::Kind::kVforkDone, .thread = IdOf(parent)});
  }
}

void Stub::OnExec(os::Task& task, int old_tid) {
  AtEvent(&task);
  going_.erase(old_tid);
  if (!Attached(task) || Reruns()) {
    return;
  }
  std::erase_if(session_.points,
                [&](const Point& p) { return p.pid == task.process().pid(); });
  (void)SetPoints();
  if (session_.reports_execs) {
    Serve(&task, {.kind = Stop::Kind::kExec,
                  .thread = IdOf(task),
                  .text = task.process().exe_path});
  }
}

void Stub::OnExit(os::Task& task) {
  AtEvent(&task);
  if (!Attached(task) || Reruns()) {
    return;
  }
  const int code = task.process().exit_code;
  const int signo = code & 0x7f;
  const int64_t pid = task.process().pid();
  Serve(&task, {.kind = signo != 0 ? Stop::Kind::kKilled : Stop::Kind::kExited,
                .thread = IdOf(task),
                .value = uint64_t(signo != 0 ? signo : code >> 8 & 0xff)});
  Detach(pid);
}

void Stub::OnFault(os::Task& task, const mm::Fault& fault,
                   const mm::PageFaultOutcome& outcome) {
  AtEvent(&task);
  const std::string kind = mm::ToString(outcome.kind);
  constexpr size_t kMostFaults = 64;
  faults_.push_back(
      {stopped_at_,
       absl::StrFormat("task %d: %s at 0x%x, pc 0x%x: %s", task.tid(),
                       mm::ToString(fault.access), fault.address.value(),
                       fault.pc.value(), kind)});
  if (faults_.size() > kMostFaults) {
    faults_.erase(faults_.begin());
  }
  const auto& wants = session_.stop_faults;
  const bool wanted = wants.contains("any") || wants.contains(kind) ||
                      wants.contains(mm::ToString(fault.access)) ||
                      (outcome.major && wants.contains("major"));
  if (Attached(task) && wanted) {
    Serve(&task, {.kind = Stop::Kind::kNamed,
                  .thread = IdOf(task),
                  .text = faults_.back().text});
  }
}

void Stub::CountPoints() {
  session_.counts_points = true;
  if (!std::exchange(counts_points_, true) && each_point_ != nullptr) {
    each_point_([this](std::string_view site, const mm::Actor* actor) {
      OnPoint(site, actor);
    });
  }
}

void Stub::OnPoint(std::string_view site, const mm::Actor* actor) {
  // After whatever has run in user mode since the last event.
  stopped_at_ = {epoch_, ~uint64_t{0}, ++points_};
  auto* const task =
      actor == nullptr ? nullptr : static_cast<os::Task*>(actor->owner());
  AtPosition(task);
  if (session_.stop_points.contains(std::string(site))) {
    Serve(task,
          {.kind = Stop::Kind::kNamed,
           .thread = task != nullptr ? IdOf(*task) : session_.stopped,
           .text = absl::StrFormat(
               "%s is at %s", actor == nullptr ? "-" : actor->name(), site)});
  }
}

}  // namespace faultline::gdb
