#ifndef FAULTLINE_GUEST_MM_UFFD_UFFD_CONTEXT_H_
#define FAULTLINE_GUEST_MM_UFFD_UFFD_CONTEXT_H_

// UffdContext: what a userfaultfd is, without its descriptor. Linux: struct
// userfaultfd_ctx (fs/userfaultfd.c).
//
// Life of a fault: raised by an access, it is queued as pending, with mmap_lock
// still held -> the faulter looks once more whether it must wait, gives
// mmap_lock back and sleeps -> a reader takes it (Take()): delivered -> an
// ioctl makes the page right and wakes the range: woken -> the faulter tries
// the access again: retried. A wake-up may come before the reader does.
// Each of these is a trace event, and so is resolved: an ioctl made the page
// right, whether it wakes the faulter or not.
//
// Life of an event (fork, mremap, ...): the address space begins to change
// (BeginChange()), from when on filling ioctls answer EAGAIN -> the change is
// made, the locks are dropped -> who made it waits until the event is read,
// the context is released, or he is killed -> the change is over.
//
// Locking: the queues by the rule that one actor runs at a time; nothing here
// comes to a point while it changes them. VMAs refer to it under mmap_lock.

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/phys/slab.h"
#include "guest_mm/sync/footprint.h"
#include "guest_mm/sync/lock.h"
#include "guest_mm/sync/wait_queue.h"
#include "guest_mm/uffd/features.h"

namespace faultline::mm {

class Actor;
class AddressSpace;
class MemoryManager;
class UffdContext;

// ctx->map_changing_lock: a change waits for the fills that have begun.
inline constexpr LockClass kMapChangingLock{"uffd.map_changing",
                                            {"uffd.map_changing.locked"},
                                            {"uffd.map_changing.unlocked"},
                                            25};

// struct uffd_msg, decoded. What the words mean is the kind's.
struct UffdMessage {
  UffdEventKind kind = UffdEventKind::kPagefault;
  uint64_t flags = 0;  // pagefault
  // pagefault: address. remap: from. remove, unmap: start.
  GuestAddr start{};
  GuestAddr end{};                     // remap: to. remove, unmap: end
  uint64_t length = 0;                 // remap
  const Actor* who = nullptr;          // pagefault: who waits
  std::shared_ptr<UffdContext> child;  // fork
  uint64_t id = 0;                     // of the fault or event
};

// One who waits for a page; lives on his stack.
class UffdFault {
 public:
  UffdFault(GuestAddr address, uint64_t flags, const Actor& who)
      : address_(address), flags_(flags), who_(who) {}
  UffdFault(const UffdFault&) = delete;
  UffdFault& operator=(const UffdFault&) = delete;

  WaitQueue queue{"handle_userfault"};
  bool woken() const { return woken_; }
  uint64_t id() const { return id_; }

 private:
  friend class UffdContext;
  const GuestAddr address_;
  const uint64_t flags_;
  const Actor& who_;
  uint64_t id_ = 0;
  uint64_t raised_ns_ = 0;
  bool woken_ = false;
  std::list<UffdFault*>* in_ = nullptr;  // which list it is in
  std::list<UffdFault*>::iterator place_;
};

class UffdContext : public std::enable_shared_from_this<UffdContext> {
 public:
  // UFFD_USER_MODE_ONLY: the kernel's own accesses are refused, not delivered.
  enum class UserModeOnly : bool { kNo, kYes };

  // For `mm`, without features yet. kENOMEM. Schedule points.
  static ErrnoOr<std::shared_ptr<UffdContext>> Create(AddressSpace& mm,
                                                      UserModeOnly user_only);
  // The same rules for a child of fork. kENOMEM.
  ErrnoOr<std::shared_ptr<UffdContext>> ForChild(AddressSpace& child) const;

  // The handshake. False: it has been before.
  bool Initialize(uint64_t features);
  bool initialized() const { return features_ != 0; }
  // With kUffdInitialized.
  uint64_t features() const { return features_; }
  bool Has(uint64_t feature) const { return (features_ & feature) != 0; }
  UserModeOnly user_mode_only() const { return user_mode_only_; }
  // Unique in the machine, in order of creation.
  uint64_t id() const { return id_; }
  MemoryManager& system() const { return system_; }
  // Null: nobody uses the memory any more (mmget_not_zero()). Who holds the
  // result may be the last to do so.
  std::shared_ptr<AddressSpace> mm() const { return mm_.lock(); }
  bool IsOf(const AddressSpace& mm) const;

  // --- who faults ---
  void Raise(UffdFault& fault);
  // There is something to read.
  void NotifyReaders() { fd_wait_.WakeAll(); }
  // However it ended.
  void Withdraw(UffdFault& fault);

  // --- who resolves ---
  // Wakes who waits for a page in `range`. `by` is what traces name.
  void Wake(GuestRange range, const char* by);
  // An ioctl about `range` ended, having done `bytes` of it from the start: for
  // traces and counts.
  void NoteIoctl(UffdIoctl what, GuestRange range, uint64_t bytes, Errno error);

  // --- who reads ---
  // The oldest pending fault, or else the oldest event. A fork's event stays
  // open until FinishFork(): giving the child a descriptor may wait, and fail.
  std::optional<UffdMessage> Take();
  // The child of event `id` has a descriptor, or could not be given one; then
  // the event is to be read again.
  enum class Delivered : bool { kNo, kYes };
  void FinishFork(uint64_t id, Delivered delivered);
  bool HasMessage() const {
    NoteRead(this);
    return !pending_.empty() || !events_.empty();
  }
  // Woken whenever HasMessage() may have changed.
  WaitQueue& fd_wait() { return fd_wait_; }
  // For fdinfo.
  size_t pending_faults() const { return pending_.size(); }
  size_t waiting_faults() const { return pending_.size() + delivered_.size(); }

  // --- who changes mappings ---
  // Waits for fills under way. mmap_lock is held.
  void BeginChange();
  void EndChange();
  bool mmap_changing() const {
    NoteRead(this);
    return changing_ > 0;
  }
  RwLock& map_changing_lock() { return map_changing_lock_; }
  // Waits until the message is read, and ends the change
  // (userfaultfd_event_wait_completion()). No lock is held. If nobody reads it,
  // a forked child loses its context.
  void DeliverAndEndChange(UffdMessage message);

  // The descriptor is closed: VMAs let go, and everybody is woken. Takes
  // mmap_lock for writing (userfaultfd_release()).
  void Release();
  bool released() const { return released_; }

 private:
  struct Event;

  UffdContext(AddressSpace& mm, UserModeOnly user_only, Slab::Charge charge);
  void WakeIn(std::list<UffdFault*>& faults, GuestRange range, const char* by);
  void Remove(UffdFault& fault);
  void Trace(const char* event, const UffdFault& fault, const char* by) const;
  void Trace(const char* event, const UffdMessage& message) const;

  MemoryManager& system_;
  const std::weak_ptr<AddressSpace> mm_;
  const uint64_t mm_id_;
  const uint64_t id_;
  const UserModeOnly user_mode_only_;
  Slab::Charge charge_;
  uint64_t features_ = 0;
  bool released_ = false;
  int changing_ = 0;  // ctx->mmap_changing
  RwLock map_changing_lock_{kMapChangingLock};
  std::list<UffdFault*> pending_;    // fault_pending_wqh, oldest first
  std::list<UffdFault*> delivered_;  // fault_wqh
  std::list<Event*> events_;         // event_wqh, oldest first
  std::list<Event*> forking_;        // taken, waiting for FinishFork()
  WaitQueue fd_wait_{"userfaultfd_read"};
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_UFFD_CONTEXT_H_
