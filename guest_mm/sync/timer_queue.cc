#include "guest_mm/sync/timer_queue.h"

namespace faultline::mm {

TimerQueue::Id TimerQueue::Add(VirtualTime at, std::function<void()> fn) {
  const Id id = next_id_++;
  timers_.emplace(Key{at, id}, std::move(fn));
  armed_.emplace(id, at);
  return id;
}

bool TimerQueue::Cancel(Id id) {
  auto it = armed_.find(id);
  if (it == armed_.end()) {
    return false;
  }
  timers_.erase(Key{it->second, id});
  armed_.erase(it);
  return true;
}

void TimerQueue::Fire(VirtualTime now) {
  const Id first_new = next_id_;
  auto it = timers_.begin();
  while (it != timers_.end() && it->first.at <= now) {
    if (it->first.id >= first_new) {
      ++it;
      continue;
    }
    const Key key = it->first;
    std::function<void()> fn = std::move(it->second);
    armed_.erase(key.id);
    timers_.erase(it);
    fn();
    // The call may have armed or cancelled any other.
    it = timers_.upper_bound(key);
  }
}

}  // namespace faultline::mm
