#ifndef FAULTLINE_GUEST_MM_SYNC_WAIT_QUEUE_H_
#define FAULTLINE_GUEST_MM_SYNC_WAIT_QUEUE_H_

// WaitQueue: actors waiting for one thing, woken in the order they came.
// Linux: wait_queue_head_t. Wait with Scheduler::Wait(); the condition is the
// caller's to check again, in a loop, as in Linux.

#include <cstddef>
#include <deque>

namespace faultline::mm {

class Actor;

class WaitQueue {
 public:
  // `name` appears in traces, deadlock reports and /proc/PID/wchan.
  explicit constexpr WaitQueue(const char* name) : name_(name) {}
  ~WaitQueue();
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  const char* name() const { return name_; }
  bool empty() const { return !waiters_ || waiters_->empty(); }

  // Makes up to `n` waiters runnable, oldest first; returns how many.
  size_t Wake(size_t n);
  size_t WakeAll();
  bool WakeOne() { return Wake(1) == 1; }

 private:
  friend class Scheduler;
  const char* name_;
  std::deque<Actor*>* waiters_ = nullptr;  // made on first wait
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_WAIT_QUEUE_H_
