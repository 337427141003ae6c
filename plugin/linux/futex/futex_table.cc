#include "plugin/linux/futex/futex_table.h"

#include "guest_mm/base/check.h"

namespace faultline::os {

FutexPlace::~FutexPlace() {
  if (table_ != nullptr) {
    table_->Remove(*this);
  }
}

void FutexTable::Add(FutexPlace& place, const FutexKey& key) {
  FL_CHECK(place.table_ == nullptr);
  std::unique_ptr<mm::WaitQueue>& queue = queues_[key];
  if (queue == nullptr) {
    queue = std::make_unique<mm::WaitQueue>("futex");
  }
  queue->Add(place);
  place.table_ = this;
  place.key_ = key;
}

void FutexTable::Remove(FutexPlace& place) {
  if (place.table_ == nullptr) {
    return;
  }
  const bool last =
      place.queue()->front() == &place && mm::WaitQueue::Next(place) == nullptr;
  static_cast<mm::WaitNode&>(place).Remove();
  place.table_ = nullptr;
  if (last) {
    queues_.erase(place.key_);
  }
  place.key_.keep_alive.reset();
}

void FutexTable::WakePlace(FutexPlace& place) {
  Remove(place);
  WakeClaimed(place);
}

void FutexTable::Claim(FutexPlace& place) {
  Remove(place);
  place.sleep_.claimed = true;
}

void FutexTable::WakeClaimed(FutexPlace& place) {
  FutexSleep& sleep = place.sleep_;
  if (sleep.woken_by < 0) {
    sleep.woken_by = place.index_;
  }
  sleep.queue.WakeAll();
}

ErrnoOr<int> FutexTable::Wake(const FutexKey& key, int max, uint32_t bitset) {
  auto it = queues_.find(key);
  if (it == queues_.end()) {
    return 0;
  }
  int woken = 0;
  for (mm::WaitNode* node = it->second->front(); node != nullptr;) {
    mm::WaitNode* next = mm::WaitQueue::Next(*node);
    auto& place = static_cast<FutexPlace&>(*node);
    if (place.use_ == FutexUse::kPi) {
      return Errno::kEINVAL;
    }
    if ((place.bitset_ & bitset) != 0) {
      WakePlace(place);
      if (++woken >= max) {
        break;
      }
    }
    node = next;
  }
  return woken;
}

ErrnoOr<int> FutexTable::Requeue(const FutexKey& from, const FutexKey& to,
                                 int wake, int requeue) {
  auto it = queues_.find(from);
  if (it == queues_.end()) {
    return 0;
  }
  int count = 0;
  for (mm::WaitNode* node = it->second->front(); node != nullptr;) {
    if (count - wake >= requeue) {
      break;
    }
    mm::WaitNode* next = mm::WaitQueue::Next(*node);
    auto& place = static_cast<FutexPlace&>(*node);
    if (place.use_ == FutexUse::kPi) {
      return Errno::kEINVAL;
    }
    if (++count <= wake) {
      WakePlace(place);
    } else if (!(from == to)) {
      // Emptying `from` frees its queue; `next` is null then.
      Remove(place);
      Add(place, to);
    }
    node = next;
  }
  return count;
}

FutexPlace* FutexTable::FirstPi(const FutexKey& key) {
  auto it = queues_.find(key);
  if (it == queues_.end()) {
    return nullptr;
  }
  for (mm::WaitNode* node = it->second->front(); node != nullptr;
       node = mm::WaitQueue::Next(*node)) {
    auto& place = static_cast<FutexPlace&>(*node);
    if (place.use_ == FutexUse::kPi) {
      return &place;
    }
  }
  return nullptr;
}

size_t FutexTable::waiting(const FutexKey& key) const {
  auto it = queues_.find(key);
  size_t n = 0;
  if (it != queues_.end()) {
    for (const mm::WaitNode* node = it->second->front(); node != nullptr;
         node = mm::WaitQueue::Next(*node)) {
      ++n;
    }
  }
  return n;
}

}  // namespace faultline::os
