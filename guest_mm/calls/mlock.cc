// mlock, mlock2, munlock, mlockall, munlockall. Linux: mm/mlock.c.

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/calls/populate.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/rmap/mlock_folio.h"

namespace faultline::mm {
namespace {

constexpr int kMclCurrent = 1;
constexpr int kMclFuture = 2;
constexpr int kMclOnFault = 4;
constexpr VmaFlags kLockFlags = VmaFlag::kLocked | VmaFlag::kLockOnFault;
constexpr VmaFlags kNotLockable = VmaFlag::kIo | VmaFlag::kPfnMap |
                                  VmaFlag::kDontExpand | VmaFlag::kHugeTlb |
                                  VmaFlags(VmaFlag::kDroppable);

// mlock_fixup(). Returns the VMA that covers `range` afterwards.
ErrnoOr<Vma*> Fixup(AddressSpace& mm, Vma& v, GuestRange range, VmaFlags lock) {
  const VmaFlags now = v.flags.without(kLockFlags) | lock;
  if (now == v.flags || v.flags.any(kNotLockable)) {
    return &v;
  }
  const bool was_locked = v.has(VmaFlag::kLocked);
  FL_ASSIGN(Vma* const changed, mm.vmas().ModifyFlags(v, range, now));
  if (now.has(VmaFlag::kLocked) && !was_locked) {
    MlockVmaPages(*changed, range);
  } else if (was_locked && !now.has(VmaFlag::kLocked)) {
    MunlockVmaPages(*changed, range);
  }
  return changed;
}

// apply_vma_lock_flags(). kENOMEM at a hole; what lies before is changed.
ErrnoOr<Done> Apply(AddressSpace& mm, GuestRange range, VmaFlags lock) {
  if (range.end < range.start) {
    return Errno::kEINVAL;
  }
  GuestAddr at = range.start;
  while (at < range.end) {
    Vma* v = mm.vmas().Find(at);
    if (v == nullptr) {
      return Errno::kENOMEM;
    }
    const GuestRange part = GuestRange{at, range.end}.Intersect(v->range);
    FL_TRY(Fixup(mm, *v, part, lock));
    at = part.end;
  }
  return kDone;
}

// Pages of the range locked already: they do not count twice against the
// limit. A range that wraps around is counted to the end of all addresses.
PageCount LockedIn(AddressSpace& mm, GuestRange range) {
  if (range.end < range.start) {
    range.end = GuestAddr(~uint64_t{0});
  }
  PageCount pages;
  const Vma* v = mm.vmas().FindAtOrAbove(range.start);
  for (; v != nullptr && v->range.start < range.end; v = mm.vmas().Next(*v)) {
    if (v->has(VmaFlag::kLocked)) {
      pages += range.Intersect(v->range).Pages(mm.page_shift());
    }
  }
  return pages;
}

GuestRange WholePages(const AddressSpace& mm, GuestAddr start,
                      uint64_t length) {
  const PageShift shift = mm.page_shift();
  const GuestAddr down = start.PageDown(shift);
  return GuestRange::At(
      down, GuestAddr(length + start.PageOffset(shift)).PageUp(shift).value());
}

void ApplyAll(AddressSpace& mm, int flags) {
  VmaFlags lock = VmaFlag::kLocked;
  if ((flags & kMclOnFault) != 0) {
    lock |= VmaFlag::kLockOnFault;
  }
  mm.def_flags = mm.def_flags.without(kLockFlags);
  if ((flags & kMclFuture) != 0) {
    mm.def_flags |= lock;
    if ((flags & kMclCurrent) == 0) {
      return;
    }
  }
  if ((flags & kMclCurrent) == 0) {
    lock = {};
  }
  for (Vma* v = mm.vmas().First(); v != nullptr;) {
    // Whole VMAs need no split, so this cannot fail.
    v = mm.vmas().Next(*Fixup(mm, *v, v->range, lock).value());
  }
}

}  // namespace

ErrnoOr<Done> Mlock(AddressSpace& mm, GuestAddr start, uint64_t length,
                    MlockOnFault on_fault) {
  if (!CanDoMlock(mm)) {
    return Errno::kEPERM;
  }
  const GuestRange range = WholePages(mm, start, length);
  VmaFlags lock = VmaFlag::kLocked;
  if (on_fault == MlockOnFault::kYes) {
    lock |= VmaFlag::kLockOnFault;
  }
  const auto lock_range = [&]() -> ErrnoOr<Done> {
    const uint64_t limit = mm.limits.memlock >> mm.page_shift().value();
    PageCount locked = mm.locked_vm + range.Pages(mm.page_shift());
    if (locked.value() > limit) {
      locked -= LockedIn(mm, range);
    }
    if (locked.value() > limit && !mm.limits.can_exceed_memlock) {
      return Errno::kENOMEM;
    }
    return Apply(mm, range, lock);
  };
  FL_TRY(UnderWriteLock(mm, lock_range));
  const auto populated = PopulateVmas(mm, range, OnError::kStop);
  // POSIX's names for it: __mlock_posix_error_return().
  switch (populated.error()) {
    case Errno::kEFAULT:
    case Errno::kEHWPOISON:
      return Errno::kENOMEM;
    case Errno::kENOMEM:
      return Errno::kEAGAIN;
    default:
      return populated;
  }
}

ErrnoOr<Done> Munlock(AddressSpace& mm, GuestAddr start, uint64_t length) {
  const GuestRange range = WholePages(mm, start, length);
  return UnderWriteLock(mm, [&] { return Apply(mm, range, {}); });
}

ErrnoOr<Done> MlockAll(AddressSpace& mm, int flags) {
  if (flags == 0 || (flags & ~(kMclCurrent | kMclFuture | kMclOnFault)) != 0 ||
      flags == kMclOnFault) {
    return Errno::kEINVAL;
  }
  if (!CanDoMlock(mm)) {
    return Errno::kEPERM;
  }
  const auto lock_all = [&]() -> ErrnoOr<Done> {
    if ((flags & kMclCurrent) != 0 && !mm.limits.can_exceed_memlock &&
        mm.total_vm.value() > mm.limits.memlock >> mm.page_shift().value()) {
      return Errno::kENOMEM;
    }
    ApplyAll(mm, flags);
    return kDone;
  };
  FL_TRY(UnderWriteLock(mm, lock_all));
  if ((flags & kMclCurrent) != 0) {
    (void)PopulateVmas(mm, {GuestAddr(0), mm.system().arch().layout().user_end},
                       OnError::kGoOn);
  }
  return kDone;
}

ErrnoOr<Done> MunlockAll(AddressSpace& mm) {
  return UnderWriteLock(mm, [&]() -> ErrnoOr<Done> {
    ApplyAll(mm, 0);
    return kDone;
  });
}

}  // namespace faultline::mm
