#include "guest_mm/thp/huge_fault.h"

#include "guest_mm/fault/wp_reuse.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/thp/eligible.h"
#include "guest_mm/thp/khugepaged.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/uffd/handle_userfault.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// Maps `page` with `flags`, leaving `spare` with it. Both are still the
// caller's if somebody was faster, or is to be told of the fault.
enum class Mapped : uint8_t { kYes, kLost, kUserfault };
Mapped MapHuge(VmFault& f, Pfn page, EntryFlags flags, Pfn spare) {
  LockGuard guard(f.ptl());
  if (!f.Unchanged()) {
    return Mapped::kLost;
  }
  if (UffdMissing(f.vma)) {
    return Mapped::kUserfault;
  }
  if (!flags.has(EntryFlag::kSpecial)) {
    AddNewAnonRmap(f.mm, f.vma, f.entry.address, page);
  }
  f.table().Set(f.entry, Entry::Page(page, flags));
  f.table().Deposit(f.entry, spare);
  return Mapped::kYes;
}

VmFaultResult Finish(VmFault& f, Mapped mapped) {
  return mapped == Mapped::kUserfault ? HandleUserfault(f, UffdReason::kMissing)
                                      : VmFaultResult::Done();
}

std::optional<VmFaultResult> MapHugeZero(VmFault& f) {
  const ErrnoOr<Pfn> spare = f.table().AllocateSpare();
  if (!spare.ok()) {
    return FaultError(spare.error());
  }
  const ErrnoOr<Pfn> zero = HugeZeroPage(f.mm.system());
  if (!zero.ok()) {
    f.table().FreeSpare(*spare);
    ++f.mm.system().thp().counters.fault_fallback;
    return std::nullopt;
  }
  const EntryFlags flags = PageProt(f.arch(), f.vma)
                               .with(EntryFlag::kSpecial)
                               .with(EntryFlag::kYoung);
  const Mapped mapped = MapHuge(f, *zero, flags, *spare);
  if (mapped == Mapped::kYes) {
    ++f.counters().zero_page_maps;
  } else {
    f.table().FreeSpare(*spare);
  }
  return Finish(f, mapped);
}

// None: base pages must do.
std::optional<Pfn> NewHugePage(VmFault& f) {
  const ErrnoOr<Pfn> page = f.phys().AllocateZeroed(
      AllocPurpose::kHugeAnon, f.arch().geometry().HugeOrder());
  if (!page.ok()) {
    ++f.mm.system().thp().counters.fault_fallback;
    return std::nullopt;
  }
  return *page;
}

std::optional<VmFaultResult> MapNewHugePage(VmFault& f) {
  const std::optional<Pfn> page = NewHugePage(f);
  if (!page) {
    return std::nullopt;
  }
  const ErrnoOr<Pfn> spare = f.table().AllocateSpare();
  if (!spare.ok()) {
    f.phys().Put(*page);
    return FaultError(spare.error());
  }
  const EntryFlags flags = StoredPageProt(f.arch(), f.vma);
  const Mapped mapped = MapHuge(f, *page, flags, *spare);
  if (mapped == Mapped::kYes) {
    ++f.mm.system().thp().counters.fault_alloc;
  } else {
    f.table().FreeSpare(*spare);
    f.phys().Put(*page);
  }
  return Finish(f, mapped);
}

// Takes the folio's lock, then the entry's, and holds both on success. False
// (nothing held): the entry has changed meanwhile.
bool LockFolioAndEntry(VmFault& f,
                       Frame& folio) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  f.ptl().Acquire();
  if (!f.Unchanged()) {
    f.ptl().Release();
    return false;
  }
  if (folio.lock.TryAcquire()) {
    return true;
  }
  // The other order, and the folio must live until we have it.
  f.phys().Get(f.orig.pfn());
  f.ptl().Release();
  folio.lock.Acquire();
  f.ptl().Acquire();
  const bool unchanged = f.Unchanged();
  if (!unchanged) {
    f.ptl().Release();
    folio.lock.Release();
  }
  f.phys().Put(f.orig.pfn());
  return unchanged;
}

// do_huge_zero_wp_pmd(): the table kept for a split stays where it is. False:
// there is no huge page.
bool ReplaceHugeZero(VmFault& f) {
  const std::optional<Pfn> page = NewHugePage(f);
  if (!page) {
    return false;
  }
  LockGuard guard(f.ptl());
  if (!f.Unchanged()) {
    f.phys().Put(*page);
    return true;
  }
  AddNewAnonRmap(f.mm, f.vma, f.entry.address, *page);
  f.table().Set(f.entry, Entry::Page(*page, StoredPageProt(f.arch(), f.vma)));
  // Other threads must not go on reading zeros.
  FlushTlb(f.mm,
           GuestRange::At(f.entry.address, f.arch().geometry().HugeBytes()));
  ++f.mm.system().thp().counters.fault_alloc;
  return true;
}

}  // namespace

bool MapHugeFile(VmFault& f, Pfn pfn, EntryFlags flags) {
  const Pfn head = f.phys().HeadOf(pfn);
  const Frame& folio = f.phys().frame(head);
  if (folio.order != f.arch().geometry().HugeOrder() ||
      f.vma.has(VmaFlag::kNoHugePage) || f.mm.thp_disabled ||
      !HugeFits(f.vma, f.address)) {
    return false;
  }
  f.phys().Get(head);
  bool mapped = false;
  {
    LockGuard guard(f.ptl());
    // While we waited it may have been truncated, or split.
    if (*f.entry.word == 0 && folio.order > 0 &&
        folio.mapping == &f.vma.file->mapping()) {
      AddFileRmapPmd(f.mm, head);
      MlockVmaFolio(f.vma, head);
      f.table().Set(f.entry, Entry::Page(head, flags.with(EntryFlag::kYoung)));
      ++f.mm.system().thp().counters.file_mapped;
      mapped = true;
    }
  }
  if (!mapped) {
    f.phys().Put(head);
  }
  return mapped;
}

ErrnoOr<Pfn> HugeZeroPage(MemoryManager& system) {
  ThpState& thp = system.thp();
  if (thp.huge_zero.has_value()) {
    return *thp.huge_zero;
  }
  const ErrnoOr<Pfn> page = system.phys().AllocateZeroed(
      AllocPurpose::kHugeZero, system.arch().geometry().HugeOrder());
  if (!page.ok()) {
    ++thp.counters.zero_page_alloc_failed;
    return page.error();
  }
  if (thp.huge_zero.has_value()) {  // somebody was faster
    system.phys().Put(*page);
    return *thp.huge_zero;
  }
  ++thp.counters.zero_page_alloc;
  thp.huge_zero = *page;
  return *page;
}

std::optional<VmFaultResult> DoHugeAnonymousPage(VmFault& f) {
  if (!HugeFits(f.vma, f.address)) {
    return std::nullopt;
  }
  const ErrnoOr<Done> prepared = PrepareAnonVma(f.vma);
  if (!prepared.ok()) {
    return FaultError(prepared.error());
  }
  f.mm.system().khugepaged().Enter(f.vma);
  return !f.write() && f.mm.system().thp().settings.use_zero_page
             ? MapHugeZero(f)
             : MapNewHugePage(f);
}

std::optional<VmFaultResult> DoHugeWpPage(VmFault& f)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!f.unshare && UffdProtects(f.vma, f.orig)) {
    if (!UffdIsWpAsync(f.vma)) {
      return HandleUserfault(f, UffdReason::kWp);
    }
    SplitHugePmd(f.mm, f.vma, f.address);  // only the page stored to is noted
    return std::nullopt;
  }
  if (f.orig.counted() && f.vma.anonymous()) {
    Frame& folio = f.phys().frame(f.orig.pfn());
    if (!LockFolioAndEntry(f, folio)) {
      return VmFaultResult::Done();
    }
    const bool reuse = CanReuse(f, f.orig.pfn());
    if (reuse) {
      MakeWritable(f);
      ++f.counters().cow_reuses;
    }
    folio.lock.Release();
    f.ptl().Release();
    if (reuse) {
      return VmFaultResult::Done();
    }
  }
  if (f.orig.special() && f.vma.anonymous() &&
      f.mm.system().behaviours().huge_zero_write() == HugeZeroWrite::kReplace &&
      ReplaceHugeZero(f)) {
    return VmFaultResult::Done();
  }
  SplitHugePmd(f.mm, f.vma, f.address);
  return std::nullopt;
}

}  // namespace faultline::mm
