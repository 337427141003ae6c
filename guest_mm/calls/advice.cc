#include "guest_mm/calls/advice.h"

#include <algorithm>

#include "guest_mm/calls/guard_regions.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/thp/khugepaged.h"
#include "guest_mm/uffd/events.h"

namespace faultline::mm {
namespace {

constexpr VmaFlags kSpecial =
    VmaFlag::kIo | VmaFlag::kPfnMap | VmaFlags(VmaFlag::kDontExpand);

// vma_ksm_compatible().
constexpr VmaFlags kNeverMerged = kSpecial | VmaFlag::kShared |
                                  VmaFlags(VmaFlag::kMayShare) |
                                  VmaFlag::kHugeTlb | VmaFlag::kDroppable;

// The flags that `advice` turns those of `v` into.
ErrnoOr<VmaFlags> NewFlags(const Vma& v, Advice advice) {
  constexpr VmaFlags kReadAhead = VmaFlag::kSeqRead | VmaFlag::kRandRead;
  constexpr VmaFlags kHuge = VmaFlag::kHugePage | VmaFlag::kNoHugePage;
  switch (advice) {
    case Advice::kNormal:
      return v.flags.without(kReadAhead);
    case Advice::kSequential:
      return v.flags.without(kReadAhead) | VmaFlag::kSeqRead;
    case Advice::kRandom:
      return v.flags.without(kReadAhead) | VmaFlag::kRandRead;
    case Advice::kDontFork:
      return v.flags | VmaFlag::kDontCopy;
    case Advice::kDoFork:
      if (v.has(VmaFlag::kIo)) {
        return Errno::kEINVAL;
      }
      return v.flags.without(VmaFlag::kDontCopy);
    case Advice::kWipeOnFork:
      if (v.named_file() != nullptr || v.shared()) {
        return Errno::kEINVAL;
      }
      return v.flags | VmaFlag::kWipeOnFork;
    case Advice::kKeepOnFork:
      if (v.has(VmaFlag::kDroppable)) {
        return Errno::kEINVAL;
      }
      return v.flags.without(VmaFlag::kWipeOnFork);
    case Advice::kDontDump:
      return v.flags | VmaFlag::kDontDump;
    case Advice::kDoDump:
      if ((v.flags.any(kSpecial) && !v.hugetlb()) ||
          v.has(VmaFlag::kDroppable)) {
        return Errno::kEINVAL;
      }
      return v.flags.without(VmaFlag::kDontDump);
    // ksm_madvise(): a mark for a daemon that is not running (/sys/kernel/mm/
    // ksm/run is 0), and advice that is silently ignored for most mappings.
    case Advice::kMergeable:
      return v.flags.any(kNeverMerged) ? v.flags
                                       : v.flags | VmaFlag::kMergeable;
    case Advice::kUnmergeable:
      return v.flags.without(VmaFlag::kMergeable);
    case Advice::kHugePage:
      return v.flags.without(kHuge) | VmaFlag::kHugePage;
    case Advice::kNoHugePage:
      return v.flags.without(kHuge) | VmaFlag::kNoHugePage;
    default:
      return Errno::kEINVAL;
  }
}

// madvise_dontneed_free_valid_vma(). Of huge pages whole ones only: `part`'s
// end is rounded down so that nothing goes that was not named.
bool MayDiscard(const Vma& v, GuestRange& part, Advice advice) {
  if (v.hugetlb()) {
    if (advice == Advice::kFree || !IsHugeAligned(v, part.start)) {
      return false;
    }
    part.end = part.end.AlignDown(v.file->hugetlb()->pool().bytes());
    return true;
  }
  VmaFlags forbidden = VmaFlag::kPfnMap;
  if (advice != Advice::kDontNeedLocked) {
    forbidden |= VmaFlag::kLocked;
  }
  return !v.flags.any(forbidden);
}

// Who watches the memory is told before it goes, with mmap_lock dropped: the
// VMA may have changed, and what is left of it is done.
ErrnoOr<Done> DontNeed(AddressSpace& mm, Vma& vma, GuestRange part,
                       Advice advice) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!MayDiscard(vma, part, advice)) {
    return Errno::kEINVAL;
  }
  if (part.empty()) {
    return kDone;
  }
  Vma* v = &vma;
  if (!UffdRemove(vma, part)) {
    mm.mmap_lock().ReadAcquire();
    v = mm.vmas().Find(part.start);
    if (v == nullptr) {
      return Errno::kENOMEM;
    }
    if (!MayDiscard(*v, part, advice)) {
      return Errno::kEINVAL;
    }
    part = part.Intersect(v->range);
  }
  if (advice == Advice::kFree) {
    return AdviseFree(mm, *v, part);
  }
  ZapRange(mm, *v, part);
  return kDone;
}

// swapin_walk_pmd_entry(): into the swap cache, where a fault finds it.
void ReadSwapAhead(AddressSpace& mm, GuestRange part) {
  SwapArea& swap = mm.system().swap();
  PageTable& table = mm.page_table();
  table.ForEach(part, [&](const EntryRef& ref, const Entry& e) {
    if (e.swap()) {
      const auto page = swap.ReadIn(e.slot(), AllocPurpose::kAnon,
                                    [&] { return table.Get(ref) == e; });
      if (page.ok()) {
        swap.PutPage(page->pfn);
      }
    }
    return true;
  });
}

// Reads pages ahead: a file's into the page cache, others' from swap.
ErrnoOr<Done> WillNeed(AddressSpace& mm, Vma& v, GuestRange part) {
  if (v.anonymous()) {
    ReadSwapAhead(mm, part);
    return kDone;
  }
  Mapping& mapping = v.file->mapping();
  if (mapping.kind() == Mapping::Kind::kShmem) {
    return kDone;  // only what is swapped out would be read
  }
  const PageShift shift = mm.page_shift();
  const uint64_t first = v.PageIndex(part.start, shift);
  const uint64_t end =
      std::min(first + part.Pages(shift).value(),
               PageCount::ToHold(mapping.size(), shift).value());
  for (uint64_t i = first; i < end; ++i) {
    const auto pfn = mapping.FindOrCreate(i);
    if (!pfn.ok()) {
      break;  // advice: trouble is no error
    }
    mm.system().phys().Put(*pfn);
  }
  return kDone;
}

}  // namespace

ErrnoOr<Vma*> AdviseFlags(AddressSpace& mm, Vma& vma, GuestRange part,
                          Advice advice) {
  FL_ASSIGN(const VmaFlags flags, NewFlags(vma, advice));
  Vma* modified = &vma;
  if (flags != vma.flags) {
    const auto result = mm.vmas().ModifyFlags(vma, part, flags);
    if (!result.ok()) {
      return result.error() == Errno::kENOMEM ? Errno::kEAGAIN : result.error();
    }
    modified = *result;
  }
  if (advice == Advice::kHugePage) {
    mm.system().khugepaged().Enter(*modified);  // hugepage_madvise()
  }
  return modified;
}

ErrnoOr<Done> AdvisePages(AddressSpace& mm, Vma& vma, GuestRange part,
                          Advice advice) {
  switch (advice) {
    case Advice::kDontNeed:
    case Advice::kDontNeedLocked:
    case Advice::kFree:
      return DontNeed(mm, vma, part, advice);
    case Advice::kWillNeed:
      return WillNeed(mm, vma, part);
    case Advice::kCold:
    case Advice::kPageOut:
      return AdviseReclaim(mm, vma, part, advice);
    case Advice::kGuardInstall:
      return InstallGuards(mm, vma, part);
    case Advice::kGuardRemove:
      return RemoveGuards(mm, vma, part);
    default:
      return Errno::kEINVAL;
  }
}

}  // namespace faultline::mm
