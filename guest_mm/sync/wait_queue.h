#ifndef FAULTLINE_GUEST_MM_SYNC_WAIT_QUEUE_H_
#define FAULTLINE_GUEST_MM_SYNC_WAIT_QUEUE_H_

// WaitQueue: actors waiting for one thing, woken in the order they came.
// Linux: wait_queue_head_t. Wait with Scheduler::Wait(); the condition is the
// caller's to check again, in a loop, as in Linux.
//
// A WaitNode is a place in a queue that is not a parked actor: poll() and
// epoll look at many queues at once and are told of each wake-up.

#include <cstddef>
#include <cstdint>

namespace faultline::mm {

class Actor;
class WaitQueue;

// What a wake-up is about: poll(2)'s event bits, or all of them. Linux: the
// poll key.
using WakeKey = uint32_t;
inline constexpr WakeKey kWakeAny = ~WakeKey{0};

// A place in at most one queue. Linux: wait_queue_entry_t. Whichever of the
// two is destroyed first lets go of the other.
class WaitNode {
 public:
  WaitNode() = default;
  WaitNode(const WaitNode&) = delete;
  WaitNode& operator=(const WaitNode&) = delete;
  virtual ~WaitNode();

  // Null while it is in no queue.
  WaitQueue* queue() const { return queue_; }
  void Remove();

 protected:
  // A wake-up reached this place. It may wake other queues and remove itself,
  // nothing else. True if it uses the wake-up up (see WaitQueue::Wake).
  virtual bool OnWake(WakeKey key) = 0;
  // Exclusive places are passed over once the wake-up is used up; the others
  // hear of every one. Linux: WQ_FLAG_EXCLUSIVE.
  virtual bool exclusive() const { return false; }

 private:
  friend class WaitQueue;
  WaitQueue* queue_ = nullptr;
  WaitNode* prev_ = nullptr;
  WaitNode* next_ = nullptr;
};

class WaitQueue {
 public:
  // `name` appears in traces, deadlock reports and /proc/PID/wchan; a literal.
  explicit constexpr WaitQueue(const char* name) : name_(name) {}
  ~WaitQueue();
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  const char* name() const { return name_; }
  bool empty() const { return head_ == nullptr; }

  // Makes up to `n` waiting actors runnable, oldest first, and tells every
  // other WaitNode; returns how many were used up. No schedule point: the
  // woken run when the caller next comes to one.
  size_t Wake(size_t n, WakeKey key = kWakeAny);
  size_t WakeAll(WakeKey key = kWakeAny) { return Wake(~size_t{0}, key); }
  bool WakeOne(WakeKey key = kWakeAny) { return Wake(1, key) == 1; }

  // Puts `node`, which is in no queue, at the end.
  void Add(WaitNode& node);
  // The oldest place, null if empty.
  WaitNode* front() const { return head_; }
  static WaitNode* Next(const WaitNode& node) { return node.next_; }

 private:
  friend class WaitNode;
  void Unlink(WaitNode& node);

  const char* name_;
  WaitNode* head_ = nullptr;
  WaitNode* tail_ = nullptr;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_WAIT_QUEUE_H_
