#include "guest_mm/calls/advice.h"

#include <algorithm>

#include "guest_mm/file/mapping.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/thp/split_pmd.h"

namespace faultline::mm {
namespace {

constexpr VmaFlags kSpecial =
    VmaFlag::kIo | VmaFlag::kPfnMap | VmaFlags(VmaFlag::kDontExpand);

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
      if (!v.anonymous() || v.shared()) {
        return Errno::kEINVAL;
      }
      return v.flags | VmaFlag::kWipeOnFork;
    case Advice::kKeepOnFork:
      return v.flags.without(VmaFlag::kWipeOnFork);
    case Advice::kDontDump:
      return v.flags | VmaFlag::kDontDump;
    case Advice::kDoDump:
      if (v.flags.any(kSpecial)) {
        return Errno::kEINVAL;
      }
      return v.flags.without(VmaFlag::kDontDump);
    case Advice::kHugePage:
      return v.flags.without(kHuge) | VmaFlag::kHugePage;
    case Advice::kNoHugePage:
      return v.flags.without(kHuge) | VmaFlag::kNoHugePage;
    default:
      return Errno::kEINVAL;
  }
}

// madvise_free_single_vma(): pages of this process alone forget that they
// were written. Until reclaim exists nothing takes them away; a store before
// that makes them dirty, and so kept, again.
ErrnoOr<Done> MarkFree(AddressSpace& mm, Vma& v, GuestRange part) {
  if (!v.anonymous()) {
    return Errno::kEINVAL;
  }
  SplitHugePmdAtEdges(mm, v, part);
  PhysMem& phys = mm.system().phys();
  PageTable& table = mm.page_table();
  bool changed = false;
  table.ForEach(part, [&](const EntryRef& ref, const Entry& seen) {
    if (!seen.counted() || (!seen.young() && !seen.dirty())) {
      return true;
    }
    LockGuard guard(table.LockOf(ref));
    Entry e = table.Get(ref);
    if (!e.counted()) {
      return true;
    }
    const uint64_t bytes = table.arch().geometry().EntryBytes(ref.level);
    if (!part.Contains(GuestRange::At(ref.address, bytes))) {
      return true;  // a huge page that came since
    }
    Frame& folio = phys.folio(e.pfn());
    if (PageMapcount(folio, phys.frame(e.pfn())) != 1) {
      return true;
    }
    folio.dirty = false;
    e.flags = e.flags.without(EntryFlag::kYoung).without(EntryFlag::kDirty);
    table.Set(ref, e);
    changed = true;
    return true;
  });
  if (changed) {
    mm.system().tlb().FlushRange(mm, part);
  }
  return kDone;
}

ErrnoOr<Done> DontNeed(AddressSpace& mm, Vma& v, GuestRange part,
                       Advice advice) {
  VmaFlags forbidden = VmaFlag::kPfnMap;
  if (advice != Advice::kDontNeedLocked) {
    forbidden |= VmaFlag::kLocked;
  }
  if (v.flags.any(forbidden)) {
    return Errno::kEINVAL;
  }
  if (advice == Advice::kFree) {
    return MarkFree(mm, v, part);
  }
  ZapRange(mm, v, part);
  return kDone;
}

// Reads a file's pages ahead; the page cache is all the I/O there is.
ErrnoOr<Done> WillNeed(AddressSpace& mm, Vma& v, GuestRange part) {
  if (v.anonymous()) {
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
  if (flags == vma.flags) {
    return &vma;
  }
  const auto modified = mm.vmas().ModifyFlags(vma, part, flags);
  if (!modified.ok()) {
    return Errno::kEAGAIN;
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
      // Where reclaim would look first; nothing is reclaimed yet.
      if (vma.flags.any(VmaFlag::kLocked | VmaFlag::kPfnMap |
                        VmaFlags(VmaFlag::kHugeTlb))) {
        return Errno::kEINVAL;
      }
      return kDone;
    default:
      return Errno::kEINVAL;
  }
}

}  // namespace faultline::mm
