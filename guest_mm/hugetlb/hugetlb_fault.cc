#include "guest_mm/hugetlb/hugetlb_fault.h"

#include "guest_mm/hugetlb/hugetlb_range.h"
#include "guest_mm/hugetlb/rmap.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

using Mkwrite = HugetlbFault::Mkwrite;

VmFaultResult BusError() {
  return VmFaultResult::Of(VmFaultResult::Kind::kBusError);
}

VmFaultResult Poisoned(const HugetlbFault& h) {
  return {VmFaultResult::Kind::kHwPoison, false,
          uint8_t(h.file.pool().shift())};
}

// The page that is to be mapped, locked and with a reference.
struct Page {
  Pfn pfn;
  bool fresh = false;  // not the file's: nobody else knows of it
};

// filemap_lock_hugetlb_folio().
std::optional<Page> LockCached(HugetlbFault& h) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const std::optional<Pfn> found = h.file.Find(h.index);
  if (!found.has_value()) {
    return std::nullopt;
  }
  h.f.phys().Get(*found);
  h.folio(*found).lock.Acquire();
  return Page{*found};
}

// A page that was not there yet: the file's from now on, or a private one.
ErrnoOr<Page> NewPage(HugetlbFault& h) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const bool shared = h.f.vma.has(VmaFlag::kMayShare);
  if (!shared) {
    FL_TRY(PrepareAnonVma(h.f.vma));
  }
  FL_ASSIGN(const Pfn page,
            AllocateHugePage(h.f.phys(), h.Claim(), Reserves::kUse));
  ClearHugePage(h.f.phys(), page);
  Frame& folio = h.folio(page);
  folio.uptodate = true;
  folio.lock.Acquire();
  if (shared) {
    h.file.Insert(h.index, page);
  }
  return Page{page, !shared};
}

void Release(HugetlbFault& h, const Page& page) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  h.folio(page.pfn).lock.Release();
  h.f.phys().Put(page.pfn);
}

// Maps the page and releases it. A store to private memory goes on to a copy at
// once.
VmFaultResult MapPage(HugetlbFault& h,
                      const Page& page) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  VmFault& f = h.f;
  Frame& folio = h.folio(page.pfn);
  Lock& ptl = f.ptl();
  ptl.Acquire();
  if (!f.Unchanged()) {
    ptl.Release();
    if (page.fresh) {
      RestoreReserveOnError(f.phys(), h.Claim(), page.pfn);
    }
    Release(h, page);
    return VmFaultResult::Done();
  }
  f.phys().Get(page.pfn);  // the entry's
  if (page.fresh) {
    AddNewAnonHugetlbRmap(f.vma, f.address, folio);
  } else {
    AddHugetlbRmap(f.mm, folio);
  }
  Entry mapped =
      h.NewEntry(page.pfn, f.vma.shared() ? Mkwrite::kYes : Mkwrite::kNo);
  mapped.flags = ProtectIfMarked(mapped.flags, f.orig);
  f.orig = mapped;
  f.table().Set(f.entry, f.orig);
  VmFaultResult result = VmFaultResult::Done();
  if (f.write() && !f.vma.shared()) {
    result =
        HugetlbWp(h, page.fresh ? std::nullopt : std::optional<Pfn>(page.pfn));
  }
  ptl.Release();
  Release(h, page);
  return result;
}

// hugetlb_handle_userfault(): if the entry is still what it was.
VmFaultResult AskUser(HugetlbFault& h, UffdReason reason) {
  LockGuard guard(h.f.ptl());
  if (h.f.Unchanged()) {
    h.userfault = reason;
  }
  return VmFaultResult::Done();
}

// hugetlb_no_page().
VmFaultResult NoPage(HugetlbFault& h) {
  if (h.f.vma.hugetlb_unmapped) {
    return BusError();  // zeros would look as if data had been lost
  }
  std::optional<Page> page = LockCached(h);
  if (!page.has_value()) {
    if (h.index >= h.file.size() >> h.file.pool().shift()) {
      return BusError();
    }
    if (UffdMissing(h.f.vma)) {
      return AskUser(h, UffdReason::kMissing);
    }
    const ErrnoOr<Page> made = NewPage(h);
    if (!made.ok()) {
      // Was it lack of memory, or did others bring it in?
      return h.f.Unchanged() ? FaultError(made.error()) : VmFaultResult::Done();
    }
    page = *made;
  } else if (h.folio(page->pfn).has_hw_poisoned) {
    Release(h, *page);
    return Poisoned(h);
  } else if (UffdMinor(h.f.vma)) {
    Release(h, *page);
    return AskUser(h, UffdReason::kMinor);
  }
  return MapPage(h, *page);
}

// The entry allows the access already.
void Touch(HugetlbFault& h) {
  Entry e = h.f.orig;
  e.flags = e.flags.with(EntryFlag::kYoung);
  if (h.f.write()) {
    e.flags = e.flags.with(EntryFlag::kDirty);
  }
  h.f.table().Set(h.f.entry, e);
}

// A store to what userfaultfd protects. Under the table's lock.
bool MustAsk(HugetlbFault& h) {
  VmFault& f = h.f;
  if (!f.write() || f.orig.write() || !UffdProtects(f.vma, f.orig)) {
    return false;
  }
  if (!UffdIsWpAsync(f.vma)) {
    return true;
  }
  f.orig.flags = f.orig.flags.without(EntryFlag::kUffdWp);  // noted, go on
  f.table().Set(f.entry, f.orig);
  return false;
}

// The rest of hugetlb_fault(): a page is mapped.
VmFaultResult Mapped(HugetlbFault& h) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  VmFault& f = h.f;
  const bool wp = f.breaks_cow() && !f.orig.write();
  std::optional<Page> cached;
  if (wp && !f.vma.has(VmaFlag::kMayShare)) {
    cached = LockCached(h);
  }
  VmFaultResult result = VmFaultResult::Done();
  Lock& ptl = f.ptl();
  ptl.Acquire();
  if (!f.Unchanged()) {
    ptl.Release();
  } else if (MustAsk(h)) {
    h.userfault = UffdReason::kWp;
    ptl.Release();
  } else if (const Pfn page = f.orig.pfn();
             cached.has_value() && cached->pfn == page) {
    result = HugetlbWp(h, page);
    ptl.Release();
  } else if (!h.folio(page).lock.TryAcquire()) {
    f.phys().Get(page);
    h.busy = page;
    ptl.Release();
  } else {
    f.phys().Get(page);
    if (wp) {
      result =
          HugetlbWp(h, cached ? std::optional<Pfn>(cached->pfn) : std::nullopt);
    } else {
      Touch(h);
    }
    ptl.Release();
    Release(h, {page});
  }
  if (cached.has_value()) {
    Release(h, *cached);
  }
  return result;
}

// With `h` locked.
VmFaultResult Handle(HugetlbFault& h) {
  VmFault& f = h.f;
  const ErrnoOr<EntryRef> entry =
      f.table().FindOrAllocate(f.address, h.file.pool().level());
  if (!entry.ok()) {
    return FaultError(entry.error());
  }
  f.entry = *entry;
  f.orig = f.table().Get(f.entry);
  if (f.orig.marker(kMarkerPoison) || f.orig.kind == EntryKind::kHwPoison) {
    return Poisoned(h);
  }
  if (f.orig.none() || f.orig.kind == EntryKind::kMarker) {
    return NoPage(h);
  }
  if (!f.orig.present()) {
    return BusError();
  }
  return Mapped(h);
}

}  // namespace

void HugetlbFault::Lock() {
  file.FaultMutex(index).Acquire();
  if (f.vma.hugetlb_share != nullptr) {
    f.vma.hugetlb_share->lock.ReadAcquire();
  }
}

void HugetlbFault::Unlock() {
  if (f.vma.hugetlb_share != nullptr) {
    f.vma.hugetlb_share->lock.ReadRelease();
  }
  file.FaultMutex(index).Release();
}

Entry HugetlbFault::NewEntry(Pfn page, Mkwrite write) const {
  const EntryFlags rights =
      f.arch().PageFlags(f.vma.prot()).with(EntryFlag::kYoung);
  return Entry::Page(page, write == Mkwrite::kYes && f.vma.has(VmaFlag::kWrite)
                               ? rights.with(EntryFlag::kDirty)
                               : rights.without(EntryFlag::kWrite));
}

VmFaultResult HandleHugetlbFault(VmFault& f) {
  HugetlbFile& file = *f.vma.file->hugetlb();
  f.address = f.address.AlignDown(file.pool().bytes());
  HugetlbFault h{f, file, HugeIndex(f.vma, f.address)};
  h.Lock();
  const VmFaultResult result = Handle(h);
  h.Unlock();
  if (h.userfault.has_value()) {
    return HandleUserfault(f, *h.userfault);
  }
  if (h.busy.has_value()) {
    // Only to put off the next fault, which would find it locked again.
    { LockGuard wait(h.folio(*h.busy).lock); }
    f.phys().Put(*h.busy);
  }
  // The child must not be the reason for which the owner dies. With no lock of
  // ours held: Linux takes the fault mutex again under the page's lock, the
  // wrong way round.
  if (h.take_from_children.has_value()) {
    UnmapHugetlbFromChildren(f.vma, f.address, *h.take_from_children);
    f.phys().Put(*h.take_from_children);
  }
  return result;
}

}  // namespace faultline::mm
