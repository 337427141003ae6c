#ifndef FAULTLINE_GUEST_MM_SYNC_ACTOR_H_
#define FAULTLINE_GUEST_MM_SYNC_ACTOR_H_

// Actor: one line of execution with a stack of its own: a guest task's kernel
// side, khugepaged, reclaim, a DMA engine. Owned by the Scheduler, which
// destroys it when its body returns: a reference is good until then.
// Linux: struct task_struct, as far as the scheduler and locks see it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/sync/point.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::mm {

class Fiber;
class Scheduler;
struct LockClass;

// Who may cut a wait short. Linux: TASK_UNINTERRUPTIBLE, TASK_KILLABLE,
// TASK_INTERRUPTIBLE.
enum class Interruptible : uint8_t { kNo, kKillable, kYes };

// What an interruption carries: a signal, or a signal that ends the process.
enum class Interruption : uint8_t { kNone, kSignal, kFatal };

enum class WaitResult : uint8_t { kWoken, kTimedOut, kInterrupted };

enum class IsDaemon : bool { kNo, kYes };

enum class LockMode : uint8_t { kShared, kExclusive };

// A lock an actor has. `lock` is its address, only to tell locks apart.
struct HeldLock {
  const void* lock;
  const LockClass* lock_class;
  LockMode mode;
};

class Actor final : private WaitNode {
 public:
  enum class State : uint8_t { kRunnable, kWaiting, kDone };

  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  ~Actor() override;

  // Small, dense, given in order of creation from 0: the same in every run.
  uint32_t id() const { return id_; }
  const std::string& name() const { return name_; }
  // comm changes: prctl(PR_SET_NAME), exec.
  void set_name(std::string name) { name_ = std::move(name); }
  State state() const { return state_; }
  // Where it stands: the last schedule point it came to.
  const PointSite* at() const { return at_; }
  // What it waits for (null unless kWaiting). For a lock: the queue of its
  // waiters, named after the lock's class.
  const WaitQueue* waiting_on() const { return WaitNode::queue(); }
  // What may end that wait early. Of a lock's: kNo or kKillable.
  Interruptible wait_mode() const { return wait_mode_; }
  // A run is over when only daemons are left, and these wait.
  bool daemon() const { return daemon_ == IsDaemon::kYes; }
  // Locks held, oldest first.
  const std::vector<HeldLock>& held() const { return held_; }

  // The strongest interruption since ClearInterruption(). An interruptible
  // wait returns kInterrupted at once while it is set.
  Interruption interruption() const { return interruption_; }
  void ClearInterruption() { interruption_ = Interruption::kNone; }

  // On its way out: it is not made to wait for what another program does.
  // Linux: PF_EXITING.
  bool exiting() const { return exiting_; }
  void set_exiting() { exiting_ = true; }

  // The user address that it works on: of the page fault it handles. 0: none.
  uint64_t work_address() const { return work_address_; }
  void set_work_address(uint64_t address) { work_address_ = address; }

  // For the actor's owner (the OS personality hangs its task here).
  void* owner() const { return owner_; }
  void set_owner(void* owner) { owner_ = owner; }

 private:
  friend class Scheduler;
  friend class LockKeeper;
  Actor(Scheduler& scheduler, uint32_t id, std::string name, IsDaemon daemon);

  bool OnWake(WakeKey key) override;
  bool exclusive() const override { return true; }

  Scheduler& scheduler_;
  uint32_t id_;
  IsDaemon daemon_;
  State state_ = State::kRunnable;
  Interruption interruption_ = Interruption::kNone;
  bool exiting_ = false;
  Interruptible wait_mode_ = Interruptible::kNo;
  WaitResult wait_result_ = WaitResult::kWoken;
  // While it waits for a lock: which one, and what for.
  LockMode wanted_mode_ = LockMode::kExclusive;
  const void* wanted_lock_ = nullptr;
  const PointSite* at_ = nullptr;
  std::vector<HeldLock> held_;
  void* owner_ = nullptr;
  uint64_t work_address_ = 0;
  std::string name_;
  std::function<void()> body_;
  std::unique_ptr<Fiber> fiber_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_ACTOR_H_
