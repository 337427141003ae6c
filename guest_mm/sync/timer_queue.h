#ifndef FAULTLINE_GUEST_MM_SYNC_TIMER_QUEUE_H_
#define FAULTLINE_GUEST_MM_SYNC_TIMER_QUEUE_H_

// TimerQueue: what is to happen when. Linux: kernel/time/hrtimer.c.
// Timers of one instant fire in the order in which they were armed.

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "guest_mm/sync/virtual_time.h"

namespace faultline::mm {

class TimerQueue {
 public:
  using Id = uint64_t;  // 0 is never one

  Id Add(VirtualTime at, std::function<void()> fn);
  // False if it has fired, was cancelled or never was.
  bool Cancel(Id id);
  // Never() if none is armed.
  VirtualTime next() const {
    return timers_.empty() ? VirtualTime::Never() : timers_.begin()->first.at;
  }
  size_t size() const { return timers_.size(); }
  // Calls every timer due at `now`. Those armed by the calls themselves wait
  // for the next Fire(), even if they are due, so that it always ends.
  void Fire(VirtualTime now);

 private:
  struct Key {
    VirtualTime at;
    Id id;  // order of arming
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  Id next_id_ = 1;
  std::map<Key, std::function<void()>> timers_;
  absl::flat_hash_map<Id, VirtualTime> armed_;  // looked up, never walked
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_TIMER_QUEUE_H_
