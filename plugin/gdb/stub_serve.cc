// Talking to gdb.

#include <algorithm>

#include "absl/strings/str_format.h"
#include "plugin/gdb/hex.h"
#include "plugin/gdb/stop_reply.h"
#include "plugin/gdb/stub.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::gdb {
namespace {

// So much may have run, in blocks, that a copy is worth its while at a stop.
constexpr uint64_t kBlocksPerStop = 1 << 18;
// A step of a thread that is in the kernel is over once it is back.
constexpr uint64_t kAnywhere = ~uint64_t{0};
constexpr int kKilled = 128 + os::kSigKill;

bool Matches(const Resume::Action& action, ThreadId id) {
  return (action.threads.pid <= 0 || action.threads.pid == id.pid) &&
         (action.threads.tid <= 0 || action.threads.tid == id.tid);
}

}  // namespace

Stub::Stub(Parts parts)
    : kernel_(parts.kernel),
      console_(parts.console),
      connection_(parts.connection),
      history_(parts.history),
      inject_(std::move(parts.inject)),
      each_point_(std::move(parts.each_point)),
      observer_(kernel_.observer()) {
  cpu().Enable();
  cpu().set_on_block(
      [this](const engine::CpuDebug::Place& place) { return OnBlock(place); });
  kernel_.set_debugger(this);
}

Stub::~Stub() { kernel_.set_debugger(nullptr); }

void Stub::Serve(os::Task* task, Stop stop) {
  if (stop.kind == Stop::Kind::kNothing) {
    return;
  }
  if (Reruns()) {
    NotePlan(stop, stopped_at_);
    return;
  }
  // Others may run while gdb's changes wait for a lock: they do not stop.
  if (serving_ || session_.attached.empty() ||
      (served_at_ == stopped_at_ && at_event())) {
    return;
  }
  const Position at = served_at_ = stopped_at_;
  stopped_task_ = task;
  session_.stopped = session_.general = stop.thread;
  last_stop_ = stop;
  furthest_ = std::max(furthest_, at);
  if (!history_.begun()) {
    first_at_ = began_at_ = at;
    Plan plan;
    if (history_.Begin(at, &plan) == History::Who::kAnother) {
      TakeUp(std::move(plan));
      return;
    }
  } else {
    const bool ends =
        stop.kind == Stop::Kind::kExited || stop.kind == Stop::Kind::kKilled;
    if (stop.kind == Stop::Kind::kNamed) {
      connection_.Send("O" + ToHex(stop.text + "\n"), session_.acknowledges);
    }
    connection_.Send(StopReply(session_, stop), session_.acknowledges);
    if (ends && session_.attached.size() == 1) {
      return;  // gdb has nobody left
    }
  }
  for (;;) {
    const auto packet = connection_.Receive(session_.acknowledges);
    if (!packet.has_value()) {
      absl::FPrintF(stderr, "faultline: gdb has gone\n");
      history_.End(kKilled);
    }
    const bool acknowledges = session_.acknowledges;
    serving_ = true;
    Answer answer = server_.Handle(*packet, last_stop_);
    serving_ = false;
    if (!answer.silent) {
      connection_.Send(answer.reply, acknowledges);
    }
    if (answer.resume.has_value()) {
      GoOn(task, *answer.resume);
      stopped_task_ = nullptr;
      return;
    }
  }
}

void Stub::GoOn(os::Task* task, const Resume& resume) {
  switch (resume.kind) {
    case Resume::Kind::kBackStep:
      BackStep();
    case Resume::Kind::kBackContinue:
      BackContinue();
    case Resume::Kind::kKill:
      connection_.Close();
      history_.End(kKilled);
    case Resume::Kind::kLeave:
      Leave();
      return;
    case Resume::Kind::kForward:
      break;
  }
  StopGoing();
  int signal = 0;
  for (const auto& [tid, other] : kernel_.processes().tasks()) {
    const ThreadId id = IdOf(*other);
    const auto action = std::ranges::find_if(
        resume.actions,
        [&id](const Resume::Action& a) { return Matches(a, id); });
    if (action == resume.actions.end() || !Attached(*other) ||
        other->exited()) {
      continue;
    }
    const bool here = other.get() == task;
    if (here || (task == nullptr && action->signal != 0)) {
      signal = action->signal;
    }
    if (action->step) {
      Going& going = going_[tid];
      const bool in_kernel = here && at_event() && signal_ == nullptr;
      going.steps = true;
      going.from =
          in_kernel
              ? kAnywhere
              : kernel_.abi().ProgramCounter(cpu().Read(*other->run.context));
      going.range_start = action->range_start;
      going.range_end = action->range_end;
    }
  }
  if (signal_ != nullptr) {
    if (signal != deliver_) {
      Record({.kind = Change::Kind::kSignal, .address = uint64_t(signal)});
    }
    deliver_ = signal;
  } else if (signal != 0 && task != nullptr) {
    const Change change{.kind = Change::Kind::kSignal,
                        .tid = task->tid(),
                        .address = uint64_t(signal)};
    Record(change);
    Apply(change, task);
  }
  if (blocks_ - blocks_kept_ > kBlocksPerStop) {
    KeepCopy();
  }
  AtPosition(task);
}

void Stub::KeepCopy() {
  Plan plan;
  blocks_kept_ = blocks_;
  if (history_.Take(stopped_at_, &plan) == History::Who::kAnother) {
    TakeUp(std::move(plan));
  }
}

// Somebody up the stack may be at work with one of them: they stay.
void Stub::StopGoing() {
  for (auto& [tid, going] : going_) {
    going.steps = false;
    going.watch.reset();
    going.called.reset();
  }
}

// The machine goes on as if gdb had never been there.
void Stub::Leave() {
  connection_.Close();
  session_.attached.clear();
  session_.points.clear();
  (void)SetPoints();
  StopGoing();
  deliver_ = signal_ != nullptr ? signal_->signo : 0;
}

}  // namespace faultline::gdb
