#include <memory>

#include "guest_mm/calls/advice.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/fault/populate_range.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/hugetlb_file.h"
#include "guest_mm/thp/madvise_collapse.h"
#include "guest_mm/uffd/events.h"

namespace faultline::mm {
namespace {

enum class Kind { kUnknown, kFlags, kPages, kRemove, kPopulate, kCollapse };

// madvise_behavior_valid() and madvise_need_mmap_write().
// HWPOISON and SOFT_OFFLINE have gone their own way (memory_error.h).
Kind KindOf(Advice advice) {
  switch (advice) {
    case Advice::kNormal:
    case Advice::kRandom:
    case Advice::kSequential:
    case Advice::kDontFork:
    case Advice::kDoFork:
    case Advice::kMergeable:
    case Advice::kUnmergeable:
    case Advice::kHugePage:
    case Advice::kNoHugePage:
    case Advice::kDontDump:
    case Advice::kDoDump:
    case Advice::kWipeOnFork:
    case Advice::kKeepOnFork:
      return Kind::kFlags;
    case Advice::kWillNeed:
    case Advice::kDontNeed:
    case Advice::kDontNeedLocked:
    case Advice::kFree:
    case Advice::kCold:
    case Advice::kPageOut:
    case Advice::kGuardInstall:
    case Advice::kGuardRemove:
      return Kind::kPages;
    case Advice::kRemove:
      return Kind::kRemove;
    case Advice::kPopulateRead:
    case Advice::kPopulateWrite:
      return Kind::kPopulate;
    case Advice::kCollapse:
      return Kind::kCollapse;
  }
  return Kind::kUnknown;
}

// What came to Linux within the versions that we have profiles of.
bool Exists(const BehaviourSet& behaviours, Advice advice) {
  switch (advice) {
    case Advice::kDontNeedLocked:
      return behaviours.dontneed_locked() == DontneedLocked::kKnown;
    case Advice::kCollapse:
      return behaviours.madvise_collapse() == MadviseCollapseCall::kKnown;
    case Advice::kGuardInstall:
    case Advice::kGuardRemove:
      return behaviours.guard_advice() == GuardAdvice::kKnown;
    default:
      return true;
  }
}

// can_modify_vma_madv(): a seal keeps what a discard would change although
// the caller may not write it.
bool SealForbids(const Vma& v, Advice advice) {
  switch (advice) {
    case Advice::kDontNeed:
    case Advice::kDontNeedLocked:
    case Advice::kFree:
    case Advice::kRemove:
    case Advice::kDontFork:
    case Advice::kWipeOnFork:
    case Advice::kGuardInstall:
      return v.has(VmaFlag::kSealed) && v.anonymous() &&
             !v.has(VmaFlag::kWrite);
    default:
      return false;
  }
}

// madvise_walk_vmas(): each VMA's part of the range in turn. Holes are skipped
// and make it kENOMEM in the end; an error of `visit` ends it.
template <typename Visit>
ErrnoOr<Done> Walk(AddressSpace& mm, GuestRange range, Advice advice,
                   Visit visit) {
  bool holes = false;
  GuestAddr at = range.start;
  while (at < range.end) {
    Vma* v = mm.vmas().FindAtOrAbove(at);
    if (v == nullptr) {
      return Errno::kENOMEM;
    }
    if (at < v->range.start) {
      holes = true;
      at = v->range.start;
      if (at >= range.end) {
        break;
      }
    }
    const GuestRange part = GuestRange{at, range.end}.Intersect(v->range);
    if (SealForbids(*v, advice)) {
      return Errno::kEPERM;
    }
    at = part.end;
    FL_TRY(visit(*v, part));
  }
  if (holes) {
    return Errno::kENOMEM;
  }
  return kDone;
}

ErrnoOr<Done> WalkPages(AddressSpace& mm, GuestRange range, Advice advice) {
  ReadGuard guard(mm.mmap_lock());
  return Walk(mm, range, advice, [&](Vma& v, GuestRange part) {
    return AdvisePages(mm, v, part, advice);
  });
}

ErrnoOr<Done> WalkFlags(AddressSpace& mm, GuestRange range, Advice advice) {
  return UnderWriteLock(mm, [&] {
    return Walk(mm, range, advice,
                [&](Vma& v, GuestRange part) -> ErrnoOr<Done> {
                  FL_TRY(AdviseFlags(mm, v, part, advice));
                  return kDone;
                });
  });
}

// With mmap_lock, held for reading, dropped meanwhile. Who watches `part` of
// `v` is told first.
ErrnoOr<Done> PunchHoleUnlocked(
    AddressSpace& mm, Vma& v, GuestRange part, MappedFile& file,
    uint64_t offset, uint64_t length) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (UffdRemove(v, part)) {
    mm.mmap_lock().ReadRelease();
  }
  const ErrnoOr<Done> punched = file.PunchHole(offset, length);
  mm.mmap_lock().ReadAcquire();
  return punched;
}

// madvise_remove(): the hole is the file's; mmap_lock is dropped over it.
ErrnoOr<Done> WalkRemove(AddressSpace& mm, GuestRange range) {
  mm.mmap_lock().ReadAcquire();
  const auto result = Walk(
      mm, range, Advice::kRemove,
      [&](Vma& v, GuestRange part) -> ErrnoOr<Done> {
        if (v.has(VmaFlag::kLocked) || v.named_file() == nullptr) {
          return Errno::kEINVAL;
        }
        if (!v.shared() || !v.has(VmaFlag::kMayWrite)) {
          return Errno::kEACCES;
        }
        const std::shared_ptr<MappedFile> file = v.file;
        const PageShift shift = mm.page_shift();
        const uint64_t offset = v.PageIndex(part.start, shift) << shift.value();
        return PunchHoleUnlocked(mm, v, part, *file, offset, part.size());
      });
  mm.mmap_lock().ReadRelease();
  return result;
}

// mmap_lock is dropped and taken again on the way.
ErrnoOr<Done> WalkCollapse(AddressSpace& mm, GuestRange range) {
  ReadGuard guard(mm.mmap_lock());
  return Walk(mm, range, Advice::kCollapse, [&](Vma& v, GuestRange part) {
    return MadviseCollapse(mm, v, part);
  });
}

// madvise_populate(): stops at the first hole or VMA that does not allow it.
ErrnoOr<Done> WalkPopulate(AddressSpace& mm, GuestRange range, Populate how) {
  GuestAddr at = range.start;
  while (at < range.end) {
    GuestRange part;
    {
      ReadGuard guard(mm.mmap_lock());
      const Vma* v = mm.vmas().Find(at);
      if (v == nullptr) {
        return Errno::kENOMEM;
      }
      const VmaFlag needed =
          how == Populate::kWrite ? VmaFlag::kWrite : VmaFlag::kRead;
      if (!v->has(needed) || v->flags.any(VmaFlag::kIo | VmaFlag::kPfnMap)) {
        return Errno::kEINVAL;
      }
      part = GuestRange{at, range.end}.Intersect(v->range);
    }
    FL_TRY(PopulateRange(mm, part, how));
    at = part.end;
  }
  return kDone;
}

}  // namespace

ErrnoOr<Done> Madvise(AddressSpace& mm, GuestAddr start, uint64_t length,
                      int advice_number) {
  const auto advice = static_cast<Advice>(advice_number);
  const Kind kind = Exists(mm.system().behaviours(), advice) ? KindOf(advice)
                                                             : Kind::kUnknown;
  const PageShift shift = mm.page_shift();
  const uint64_t rounded = GuestAddr(length).PageUp(shift).value();
  const GuestRange range = GuestRange::At(start, rounded);
  if (kind == Kind::kUnknown || !start.IsPageAligned(shift) ||
      (length != 0 && rounded == 0) || range.end < range.start) {
    return Errno::kEINVAL;
  }
  if (range.empty()) {
    return kDone;
  }
  switch (kind) {
    case Kind::kFlags:
      return WalkFlags(mm, range, advice);
    case Kind::kPages:
      return WalkPages(mm, range, advice);
    case Kind::kRemove:
      return WalkRemove(mm, range);
    case Kind::kPopulate:
      return WalkPopulate(
          mm, range,
          advice == Advice::kPopulateRead ? Populate::kRead : Populate::kWrite);
    case Kind::kCollapse:
      return WalkCollapse(mm, range);
    case Kind::kUnknown:
      break;
  }
  return Errno::kEINVAL;
}

}  // namespace faultline::mm
