#include "plugin/linux/ipc/poll_waiter.h"

#include <utility>

namespace faultline::os {

bool PollWaiter::Place::OnWake(mm::WakeKey key) {
  if ((key & events_) != 0) {
    waiter_.triggered_ = true;
    waiter_.queue_.WakeAll();
  }
  return false;
}

ErrnoOr<Done> PollWaiter::Watch(std::shared_ptr<File> file, PollEvents events) {
  mm::WaitQueue* queue = file->poll_queue();
  if (queue != nullptr) {
    constexpr size_t kListNode = sizeof(Place) + 2 * sizeof(void*);
    FL_ASSIGN(mm::Slab::Charge charge, slab_.Take(kListNode));
    places_.emplace_back(*this, std::move(file), events, std::move(charge));
    queue->Add(places_.back());
  }
  return kDone;
}

mm::WaitResult PollWaiter::Sleep(mm::VirtualTime deadline) {
  mm::WaitResult result = mm::WaitResult::kWoken;
  while (!triggered_ && result == mm::WaitResult::kWoken) {
    result = mm::Scheduler::Active()->Wait(queue_, mm::Interruptible::kYes,
                                           deadline);
  }
  if (triggered_) {
    triggered_ = false;
    return mm::WaitResult::kWoken;
  }
  return result;
}

}  // namespace faultline::os
