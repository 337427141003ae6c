#ifndef FAULTLINE_GUEST_MM_FAULT_VM_FAULT_H_
#define FAULTLINE_GUEST_MM_FAULT_VM_FAULT_H_

// VmFault: a fault inside one VMA on its way through the stages; VmFaultResult:
// how a stage ended. Linux: struct vm_fault, vm_fault_t.

#include <cstdint>
#include <optional>

#include "guest_mm/base/access.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/page_table.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/sync/actor.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// The first attempt gives mmap_lock back before it waits for a page
// (FAULT_FLAG_ALLOW_RETRY); the second keeps it (FAULT_FLAG_TRIED).
enum class FaultAttempt : uint8_t { kFirst, kSecond };

enum class MayRetry : bool { kNo, kYes };

// Who faults, as far as it decides how long he may be made to wait.
struct FaultOrigin {
  // kUser: an instruction of the program's (FAULT_FLAG_USER).
  Mode mode = Mode::kKernel;
  // FAULT_FLAG_INTERRUPTIBLE, FAULT_FLAG_KILLABLE.
  Interruptible interruptible = Interruptible::kKillable;
  // FAULT_FLAG_ALLOW_RETRY: mmap_lock may be given back to wait for a program,
  // who could take for ever.
  MayRetry may_retry = MayRetry::kYes;
};

struct VmFault {
  AddressSpace& mm;
  Vma& vma;
  GuestAddr address;  // of the page
  Access access = Access::kRead;
  FaultAttempt attempt = FaultAttempt::kFirst;
  Mode mode = Mode::kKernel;
  Interruptible interruptible = Interruptible::kKillable;
  MayRetry may_retry = MayRetry::kYes;
  // A read that wants a page of its own, not one that a store would replace
  // (FAULT_FLAG_UNSHARE): it is shared with nobody afterwards.
  bool unshare = false;
  GuestAddr exact_address{};      // with the offset in the page
  uint64_t index = 0;             // the file's, or linear anonymous, page
  EntryRef entry{};               // the pte, or above it the pmd
  Entry orig{};                   // what it was when looked at without the lock
  std::optional<TablePin> pin{};  // of the table that holds `entry`

  // Goes to `ref`, which was just found.
  void Enter(const EntryRef& ref) {
    entry = ref;
    orig = table().Get(ref);
    pin.emplace(table(), ref.table);
  }

  bool write() const { return access == Access::kWrite; }
  // It must not leave the entry read-only and shared.
  bool breaks_cow() const { return write() || unshare; }
  PhysMem& phys() const { return mm.system().phys(); }
  PageTable& table() const { return mm.page_table(); }
  const ArchOps& arch() const { return mm.system().arch(); }
  VmCounters& counters() const { return mm.system().counters(); }
  Lock& ptl() const { return table().LockOf(entry); }
  // Under ptl(): nobody has changed the entry since, or taken its table away.
  // The accessed and dirty bits count as a change, as in Linux: then the access
  // is simply made again.
  bool Unchanged() const {
    return table().InTree(entry) && table().Get(entry) == orig;
  }
};

struct VmFaultResult {
  enum class Kind : uint8_t {
    kDone,         // try the access again
    kRetry,        // mmap_lock was given back: look the VMA up again
    kCompleted,    // kDone, but mmap_lock was given back (VM_FAULT_COMPLETED)
    kOutOfMemory,  // VM_FAULT_OOM
    kBusError,     // VM_FAULT_SIGBUS
    kHwPoison,     // VM_FAULT_HWPOISON, with `lsb`
    kSegv,         // VM_FAULT_SIGSEGV
  };
  Kind kind = Kind::kDone;
  bool major = false;
  uint8_t lsb = 0;

  static VmFaultResult Done() { return {}; }
  static VmFaultResult Of(Kind kind) { return {kind}; }
  static VmFaultResult Poisoned(PageShift shift) {
    return {Kind::kHwPoison, false, uint8_t(shift.value())};
  }
  bool done() const { return kind == Kind::kDone; }
  // mmap_lock is not held any more.
  bool released() const {
    return kind == Kind::kRetry || kind == Kind::kCompleted;
  }
};

// The error a failed allocation or read makes of a fault (vmf_error()).
inline VmFaultResult FaultError(Errno e) {
  return VmFaultResult::Of(e == Errno::kENOMEM
                               ? VmFaultResult::Kind::kOutOfMemory
                               : VmFaultResult::Kind::kBusError);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_VM_FAULT_H_
