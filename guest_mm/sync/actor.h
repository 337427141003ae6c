#ifndef FAULTLINE_GUEST_MM_SYNC_ACTOR_H_
#define FAULTLINE_GUEST_MM_SYNC_ACTOR_H_

// Actor: one line of execution with a stack of its own: a guest task's kernel
// side, khugepaged, reclaim, a DMA engine. Owned by the Scheduler.
// Linux: struct task_struct, as far as the scheduler and locks see it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/sync/point.h"

namespace faultline::mm {

class Lock;
class Scheduler;
class WaitQueue;

// Who may cut a wait short. Linux: TASK_UNINTERRUPTIBLE, TASK_KILLABLE,
// TASK_INTERRUPTIBLE.
enum class Interruptible : uint8_t { kNo, kKillable, kYes };

// What an interruption carries: a signal, or a signal that ends the process.
enum class Interruption : uint8_t { kNone, kSignal, kFatal };

enum class WaitResult : uint8_t { kWoken, kTimedOut, kInterrupted };

class Actor {
 public:
  enum class State : uint8_t { kRunnable, kWaiting, kDone };

  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  ~Actor();

  // Small, dense, given in order of creation from 0: the same in every run.
  uint32_t id() const { return id_; }
  const std::string& name() const { return name_; }
  State state() const { return state_; }
  // Where it stands: the last schedule point it came to.
  const PointSite* at() const { return at_; }
  // What it waits for (null unless kWaiting).
  const WaitQueue* waiting_on() const { return waiting_on_; }
  // Locks held, oldest first.
  const std::vector<const Lock*>& held() const { return held_; }

  // The strongest interruption since ClearInterruption(). An interruptible
  // wait returns kInterrupted at once while it is set.
  Interruption interruption() const { return interruption_; }
  void ClearInterruption() { interruption_ = Interruption::kNone; }

  // For the actor's owner (the OS personality hangs its task here).
  void* owner() const { return owner_; }
  void set_owner(void* owner) { owner_ = owner; }

 private:
  friend class Scheduler;
  friend class Lock;
  friend class RwLock;
  Actor(uint32_t id, std::string name);

  struct Fiber;  // the stack and its saved context
  uint32_t id_;
  std::string name_;
  State state_ = State::kRunnable;
  Interruption interruption_ = Interruption::kNone;
  Interruptible wait_mode_ = Interruptible::kNo;
  WaitResult wait_result_ = WaitResult::kWoken;
  uint64_t wait_serial_ = 0;  // tells a stale timer from the present wait
  const PointSite* at_ = nullptr;
  WaitQueue* waiting_on_ = nullptr;
  std::vector<const Lock*> held_;
  void* owner_ = nullptr;
  std::unique_ptr<Fiber> fiber_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_ACTOR_H_
