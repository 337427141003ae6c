#ifndef FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_TABLE_H_
#define FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_TABLE_H_

// FutexTable: who sleeps on which futex of the machine. Linux: the hash
// buckets of kernel/futex. It knows keys and sleepers, not user memory.
//
// A call that sleeps makes a FutexSleep and puts a FutexPlace for each futex
// it waits on into the table *before* it reads the word: a waker changes the
// word first and looks into the table after, so no wake-up is lost.

#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "guest_mm/sync/wait_queue.h"
#include "plugin/linux/futex/futex_key.h"

namespace faultline::os {

inline constexpr uint32_t kFutexBitsetMatchAny = 0xffffffff;

// One sleeping call.
struct FutexSleep {
  mm::WaitQueue queue{"futex_wait_queue"};
  int woken_by = -1;  // the index of the place that was woken
  // A PI futex is being handed over: nothing ends the sleep but that.
  bool claimed = false;
};

// What a place waits for, and so what may wake it.
enum class FutexUse : uint8_t {
  kPlain,  // FUTEX_WAIT
  kPi,     // FUTEX_LOCK_PI: woken by being made the owner
};

class FutexTable;

// A sleeper's place in one futex's queue. Leaves the table when destroyed.
class FutexPlace final : private mm::WaitNode {
 public:
  // In no queue yet. `index` tells the places of one call apart.
  FutexPlace(FutexSleep& sleep, int index, uint32_t bitset,
             FutexUse use = FutexUse::kPlain, int tid = 0)
      : sleep_(sleep), index_(index), bitset_(bitset), use_(use), tid_(tid) {}
  ~FutexPlace() override;

  bool queued() const { return table_ != nullptr; }
  int tid() const { return tid_; }

 private:
  friend class FutexTable;
  bool OnWake(mm::WakeKey) override { return false; }  // never Wake()n

  FutexSleep& sleep_;
  int index_;
  uint32_t bitset_;
  FutexUse use_;
  int tid_;  // kPi: the thread that is to own it
  FutexTable* table_ = nullptr;
  FutexKey key_;
};

class FutexTable {
 public:
  FutexTable() = default;
  FutexTable(const FutexTable&) = delete;
  FutexTable& operator=(const FutexTable&) = delete;

  // At the end of the queue of `key`.
  void Add(FutexPlace& place, const FutexKey& key);
  void Remove(FutexPlace& place);

  // Wakes sleepers whose bitset meets `bitset`, oldest first, until `max` are
  // woken; at least one even if `max` is not positive, as Linux does. Returns
  // how many. kEINVAL on meeting one that wants a PI futex; those before it
  // are awake then.
  ErrnoOr<int> Wake(const FutexKey& key, int max,
                    uint32_t bitset = kFutexBitsetMatchAny);
  // Wakes up to `wake` sleepers of `from`, moves up to `requeue` more to the
  // end of `to`; returns how many of both. kEINVAL for PI sleepers, as above.
  ErrnoOr<int> Requeue(const FutexKey& from, const FutexKey& to, int wake,
                       int requeue);

  // The oldest kPi sleeper, or null.
  FutexPlace* FirstPi(const FutexKey& key);
  // Handing over takes two steps, because the word must be written between
  // them and that may take its time: out of the table, then awake.
  void Claim(FutexPlace& place);
  void WakeClaimed(FutexPlace& place);

  size_t waiting(const FutexKey& key) const;
  bool empty() const { return queues_.empty(); }

 private:
  void WakePlace(FutexPlace& place);

  // Looked up only: walking it would bring host addresses into the order.
  absl::flat_hash_map<FutexKey, std::unique_ptr<mm::WaitQueue>> queues_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_TABLE_H_
