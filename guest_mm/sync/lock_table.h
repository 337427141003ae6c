#ifndef FAULTLINE_GUEST_MM_SYNC_LOCK_TABLE_H_
#define FAULTLINE_GUEST_MM_SYNC_LOCK_TABLE_H_

// LockTable: who waits for which lock, so that a lock itself stays small.
// Keyed by the lock's address and only ever looked up: walking it would bring
// the host's addresses into the schedule. Linux: futex and parking-lot tables
// have the same idea.

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::mm {

class LockTable {
 public:
  // The queue of waiters for `lock`, made if there is none. `name`: the
  // lock's class.
  WaitQueue& QueueFor(const void* lock, const char* name) {
    std::unique_ptr<WaitQueue>& queue = queues_[lock];
    if (queue == nullptr) {
      queue = std::make_unique<WaitQueue>(name);
    }
    return *queue;
  }
  // Null if nobody waits for it.
  WaitQueue* Find(const void* lock) const {
    auto it = queues_.find(lock);
    return it == queues_.end() ? nullptr : it->second.get();
  }
  // Whoever takes a waiter out calls this after it.
  void DropIfEmpty(const void* lock) {
    auto it = queues_.find(lock);
    if (it != queues_.end() && it->second->empty()) {
      queues_.erase(it);
    }
  }

 private:
  absl::flat_hash_map<const void*, std::unique_ptr<WaitQueue>> queues_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_LOCK_TABLE_H_
