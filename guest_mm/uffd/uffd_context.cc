#include "guest_mm/uffd/uffd_context.h"

#include <algorithm>
#include <string>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/uffd/register.h"

namespace faultline::mm {
namespace {

const char* FaultKind(uint64_t flags) {
  return (flags & kUffdFaultWp) != 0      ? "wp"
         : (flags & kUffdFaultMinor) != 0 ? "minor"
                                          : "missing";
}

UffdStats::Kind StatsKind(uint64_t flags) {
  return (flags & kUffdFaultWp) != 0      ? UffdStats::Kind::kWp
         : (flags & kUffdFaultMinor) != 0 ? UffdStats::Kind::kMinor
                                          : UffdStats::Kind::kMissing;
}

uint64_t NowNs() {
  const Scheduler* const scheduler = Scheduler::Active();
  return scheduler == nullptr ? 0 : scheduler->now().ns();
}

}  // namespace

// One who waits for an event to be read; on his stack.
struct UffdContext::Event {
  UffdMessage message;
  bool complete = false;
  WaitQueue queue{"userfaultfd_event_wait_completion"};
};

UffdContext::UffdContext(AddressSpace& mm, UserModeOnly user_only,
                         Slab::Charge charge)
    : system_(mm.system()),
      mm_(mm.weak_from_this()),
      mm_id_(mm.id()),
      id_(++mm.system().uffd().last_context),
      user_mode_only_(user_only),
      charge_(std::move(charge)) {}

ErrnoOr<std::shared_ptr<UffdContext>> UffdContext::Create(
    AddressSpace& mm, UserModeOnly user_only) {
  FL_ASSIGN(Slab::Charge charge, mm.system().slab().Take(sizeof(UffdContext)));
  return std::shared_ptr<UffdContext>(
      new UffdContext(mm, user_only, std::move(charge)));
}

ErrnoOr<std::shared_ptr<UffdContext>> UffdContext::ForChild(
    AddressSpace& child) const {
  FL_ASSIGN(auto made, Create(child, user_mode_only_));
  made->features_ = features_;
  return made;
}

bool UffdContext::Initialize(uint64_t features) {
  const bool first = !initialized();
  if (first) {
    features_ = features | kUffdInitialized;
  }
  return first;
}

bool UffdContext::IsOf(const AddressSpace& mm) const {
  return mm.id() == mm_id_;
}

void UffdContext::Raise(UffdFault& fault) {
  fault.id_ = ++system_.uffd().last_fault;
  fault.in_ = &pending_;
  NoteWrite(this);
  fault.place_ = pending_.insert(pending_.end(), &fault);
  fault.raised_ns_ = NowNs();
  system_.uffd().stats.Faulted(id_, fault.address_, StatsKind(fault.flags_));
  Trace("raised", fault, nullptr);
}

void UffdContext::Remove(UffdFault& fault) {
  if (fault.in_ != nullptr) {
    fault.in_->erase(fault.place_);
    fault.in_ = nullptr;
  }
}

void UffdContext::Withdraw(UffdFault& fault) {
  Remove(fault);
  system_.uffd().stats.Waited(id_, fault.address_, NowNs() - fault.raised_ns_);
  Trace("retried", fault, nullptr);
}

void UffdContext::Wake(GuestRange range, const char* by) {
  WakeIn(pending_, range, by);
  WakeIn(delivered_, range, by);
}

void UffdContext::WakeIn(std::list<UffdFault*>& faults, GuestRange range,
                         const char* by) {
  for (auto it = faults.begin(); it != faults.end();) {
    UffdFault& fault = **it++;
    if (range.Contains(fault.address_)) {
      fault.woken_ = true;
      Remove(fault);
      Trace("woken", fault, by);
      fault.queue.WakeAll();
    }
  }
}

void UffdContext::NoteIoctl(UffdIoctl what, GuestRange range, uint64_t bytes,
                            Errno error) {
  UffdStats& stats = system_.uffd().stats;
  if (what == UffdIoctl::kRegister && error == Errno::kOk) {
    stats.Registered(id_, mm_id_, range);
  }
  stats.Called(id_, what, range, bytes, error);
  mm::Trace& trace = system_.trace();
  if (!trace.on(TraceKind::kUffd)) [[likely]] {
    return;
  }
  const TraceField fields[] = {
      TraceField::Dec("uffd", id_),
      TraceField::Text("ioctl", ToString(what)),
      TraceField::Hex("start", range.start.value()),
      TraceField::Hex("end", range.end.value()),
      TraceField::Dec("done", bytes),
      TraceField::Text("error", error == Errno::kOk ? "-" : ErrnoName(error))};
  trace.Emit(TraceKind::kUffd, "ioctl", fields);
  const GuestRange done = GuestRange::At(range.start, bytes);
  for (const std::list<UffdFault*>* faults : {&pending_, &delivered_}) {
    for (const UffdFault* fault : *faults) {
      if (done.Contains(fault->address_)) {
        Trace("resolved", *fault, ToString(what));
      }
    }
  }
}

std::optional<UffdMessage> UffdContext::Take() {
  NoteWrite(this);
  if (!pending_.empty()) {
    UffdFault& fault = *pending_.front();
    Remove(fault);
    fault.in_ = &delivered_;
    fault.place_ = delivered_.insert(delivered_.end(), &fault);
    Trace("delivered", fault, nullptr);
    UffdMessage message;
    message.flags = fault.flags_;
    message.start = fault.address_;
    message.who = &fault.who_;
    message.id = fault.id_;
    return message;
  }
  if (events_.empty()) {
    return std::nullopt;
  }
  Event& event = *events_.front();
  events_.pop_front();
  if (event.message.kind == UffdEventKind::kFork) {
    forking_.push_back(&event);
    return event.message;
  }
  event.complete = true;
  Trace("event.read", event.message);
  event.queue.WakeAll();
  return event.message;
}

void UffdContext::FinishFork(uint64_t id, Delivered delivered) {
  const auto it = std::find_if(
      forking_.begin(), forking_.end(),
      [id](const Event* event) { return event->message.id == id; });
  if (it == forking_.end()) {
    return;  // who forked was killed meanwhile
  }
  Event& event = **it;
  forking_.erase(it);
  if (delivered == Delivered::kNo) {
    NoteWrite(this);
    events_.push_back(&event);
    return;
  }
  event.complete = true;
  Trace("event.read", event.message);
  event.queue.WakeAll();
}

void UffdContext::BeginChange() {
  WriteGuard guard(map_changing_lock_);
  NoteWrite(this);
  ++changing_;
}

void UffdContext::EndChange() {
  FL_CHECK(changing_ > 0);
  NoteWrite(this);
  --changing_;
}

void UffdContext::DeliverAndEndChange(UffdMessage message) {
  const std::shared_ptr<UffdContext> keep = shared_from_this();
  Event event;
  event.message = std::move(message);
  event.message.id = ++system_.uffd().last_fault;
  NoteWrite(this);
  events_.push_back(&event);
  Trace("event.raised", event.message);
  while (!event.complete) {
    if (released_ || FatalSignalPending() || Scheduler::Current() == nullptr) {
      break;
    }
    NotifyReaders();
    (void)Scheduler::Active()->Wait(event.queue, Interruptible::kKillable);
  }
  if (!event.complete) {
    std::erase(events_, &event);
    std::erase(forking_, &event);
    if (event.message.child != nullptr) {
      DisarmChild(*event.message.child);
    }
  }
  EndChange();
}

void UffdContext::Release() {
  const std::shared_ptr<UffdContext> keep = shared_from_this();
  // First: a fault that finds it set tries again instead of waiting.
  released_ = true;
  ForgetContext(*this);
  Wake({GuestAddr(0), GuestAddr(~uint64_t{0})}, "close");
  for (std::list<Event*>* events : {&events_, &forking_}) {
    for (Event* event : *events) {
      event->queue.WakeAll();
    }
  }
  fd_wait_.WakeAll();
}

void UffdContext::Trace(const char* event, const UffdFault& fault,
                        const char* by) const {
  mm::Trace& trace = system_.trace();
  if (!trace.on(TraceKind::kUffd)) [[likely]] {
    return;
  }
  const TraceField fields[] = {
      TraceField::Dec("fault", fault.id_),
      TraceField::Dec("mm", mm_id_),
      TraceField::Dec("uffd", id_),
      TraceField::Hex("address", fault.address_.value()),
      TraceField::Text("reason", FaultKind(fault.flags_)),
      TraceField::Text(
          "access", (fault.flags_ & kUffdFaultWrite) != 0 ? "write" : "read"),
      TraceField::Text("who", fault.who_.name()),
      TraceField::Text("by", by == nullptr ? "-" : by),
  };
  trace.Emit(TraceKind::kUffd, event, fields);
}

void UffdContext::Trace(const char* event, const UffdMessage& message) const {
  mm::Trace& trace = system_.trace();
  if (!trace.on(TraceKind::kUffd)) [[likely]] {
    return;
  }
  const TraceField fields[] = {
      TraceField::Dec("event_id", message.id),
      TraceField::Dec("mm", mm_id_),
      TraceField::Dec("uffd", id_),
      TraceField::Text("what", ToString(message.kind)),
      TraceField::Hex("start", message.start.value()),
      TraceField::Hex("end", message.end.value()),
  };
  trace.Emit(TraceKind::kUffd, event, fields);
}

}  // namespace faultline::mm
