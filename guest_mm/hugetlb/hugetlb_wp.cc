// A store to a huge page mapped read-only. Linux: mm/hugetlb.c hugetlb_wp().

#include "guest_mm/hugetlb/hugetlb_fault.h"
#include "guest_mm/hugetlb/rmap.h"
#include "guest_mm/mm/flush_tlb.h"

namespace faultline::mm {
namespace {

// set_huge_ptep_writable(). A page that is only to be the space's own stays
// read-only.
void MakeWritable(HugetlbFault& h) {
  if (h.f.unshare) {
    return;
  }
  Entry e = h.f.orig;
  e.flags = e.flags.with(EntryFlag::kWrite)
                .with(EntryFlag::kDirty)
                .with(EntryFlag::kYoung);
  h.f.table().Set(h.f.entry, e);
}

// Puts `copy` where the original was; the entry's reference to that is the
// caller's then. The table's lock is held.
void Replace(HugetlbFault& h, Pfn copy) {
  VmFault& f = h.f;
  RemoveHugetlbRmap(f.mm, h.folio(f.orig.pfn()));
  AddNewAnonHugetlbRmap(f.vma, f.address, h.folio(copy));
  Entry mine = h.NewEntry(copy, f.unshare ? HugetlbFault::Mkwrite::kNo
                                          : HugetlbFault::Mkwrite::kYes);
  if (f.orig.flags.has(EntryFlag::kUffdWp)) {  // unshare: still protected
    mine.flags = mine.flags.with(EntryFlag::kUffdWp).without(EntryFlag::kWrite);
  }
  f.table().Set(f.entry, mine);
  FlushTlb(f.mm, GuestRange::At(f.address, h.file.pool().bytes()));
  ++f.counters().cow_copies;
}

// With no lock of the table held.
ErrnoOr<Pfn> MakeCopy(HugetlbFault& h, Pfn original, Reserves reserves) {
  PhysMem& phys = h.f.phys();
  FL_ASSIGN(const Pfn copy, AllocateHugePage(phys, h.Claim(), reserves));
  const ErrnoOr<Done> prepared = PrepareAnonVma(h.f.vma);
  if (!prepared.ok()) {
    RestoreReserveOnError(phys, h.Claim(), copy);
    phys.Put(copy);
    return prepared.error();
  }
  phys.CopyBlock(copy, original, h.file.pool().order());
  h.folio(copy).uptodate = true;
  return copy;
}

}  // namespace

VmFaultResult HugetlbWp(HugetlbFault& h, std::optional<Pfn> cached) {
  VmFault& f = h.f;
  PhysMem& phys = f.phys();
  if (!f.unshare && f.orig.flags.has(EntryFlag::kUffdWp)) {
    return VmFaultResult::Done();  // protected before it came: the store asks
  }
  if (f.vma.has(VmaFlag::kMayShare)) {
    MakeWritable(h);
    return VmFaultResult::Done();
  }
  const Pfn original = f.orig.pfn();
  Frame& folio = h.folio(original);
  if (FolioMapcount(folio) == 1 && IsAnon(folio)) {
    folio.anon_vma = f.vma.anon_vma.get();  // folio_move_anon_rmap()
    folio.anon_exclusive = true;
    MakeWritable(h);
    ++f.counters().cow_reuses;
    return VmFaultResult::Done();
  }
  // The reservation of this page was used for the original, which the owner
  // shares with a child: a second page is not promised.
  const bool from_owner = OwnsReservation(f.vma) && original != cached;
  Lock& ptl = f.ptl();
  ptl.Release();
  const ErrnoOr<Pfn> copy =
      MakeCopy(h, original, from_owner ? Reserves::kAvoid : Reserves::kUse);
  ptl.Acquire();
  if (copy.ok()) {
    if (f.Unchanged()) {
      Replace(h, *copy);
      phys.Put(original);  // the entry's
    } else {
      RestoreReserveOnError(phys, h.Claim(), *copy);
      phys.Put(*copy);
    }
    return VmFaultResult::Done();
  }
  if (from_owner && copy.error() == Errno::kENOSPC) {
    phys.Get(original);
    h.take_from_children = original;
    return VmFaultResult::Done();
  }
  return FaultError(copy.error());
}

}  // namespace faultline::mm
