// fork, mprotect and mremap in a hugetlb VMA.

#include "guest_mm/hugetlb/hugetlb_range.h"

#include "guest_mm/hugetlb/range_locks.h"
#include "guest_mm/hugetlb/rmap.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/uffd/events.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

// Calls `visit(ref) -> bool` for each entry of `range` that is not none; false
// ends it.
template <typename Visit>
void ForEachEntry(Vma& vma, GuestRange range, Visit visit) {
  const int level = vma.file->hugetlb()->pool().level();
  WalkSpans(vma.mm->page_table(), range, [&](const EntrySpan& span) {
    return span.first.level != level || visit(span.first);
  });
}

GuestRange Covered(const Vma& vma, const EntryRef& r) {
  return GuestRange::At(r.address, vma.file->hugetlb()->pool().bytes());
}

// What Linux's huge_pte_modify() makes of an entry: the VMA's rights, where
// private pages are read-only until a store asks; the page's own state kept.
EntryFlags Modified(EntryFlags rights, EntryFlags old) {
  for (const EntryFlag kept :
       {EntryFlag::kYoung, EntryFlag::kDirty, EntryFlag::kUffdWp}) {
    rights = rights.set(kept, old.has(kept));
  }
  return rights;
}

// A device knows the page: it must stay the parent's alone.
bool IsPinned(const Vma& src, const Entry& e) {
  if (!e.present()) {
    return false;
  }
  const Frame& folio = src.mm->system().phys().frame(e.pfn());
  return IsAnon(folio) && folio.anon_exclusive &&
         NeedsCowForDma(*src.mm, folio);
}

// The child gets a copy at once, from what is not reserved. kENOSPC. mmap_lock
// of both is held for writing, so the entry stays.
ErrnoOr<Done> CopyPinned(Vma& dst, const EntryRef& to, const Entry& e) {
  PhysMem& phys = dst.mm->system().phys();
  const HugetlbFile& file = *dst.file->hugetlb();
  FL_ASSIGN(const Pfn copy,
            AllocateHugePage(phys, HugePageClaim::Of(dst, to.address),
                             Reserves::kAvoid));
  phys.CopyBlock(copy, e.pfn(), file.pool().order());
  Frame& folio = phys.frame(copy);
  folio.uptodate = true;
  PageTable& table = dst.mm->page_table();
  LockGuard guard(table.LockOf(to));
  AddNewAnonHugetlbRmap(dst, to.address, folio);
  Entry mine = Entry::Page(copy, e.flags);
  mine.flags = mine.flags.set(EntryFlag::kWrite, dst.has(VmaFlag::kWrite));
  table.Set(to, mine);
  return kDone;
}

}  // namespace

ErrnoOr<Done> CopyHugetlbRange(Vma& dst, Vma& src) {
  PageTable& from_table = src.mm->page_table();
  PageTable& to_table = dst.mm->page_table();
  PhysMem& phys = src.mm->system().phys();
  TlbGather gather(*src.mm);
  Errno error = Errno::kOk;
  ForEachEntry(src, src.range, [&](const EntryRef& from) {
    const ErrnoOr<EntryRef> to =
        to_table.FindOrAllocate(from.address, from.level);
    if (!to.ok()) {
      error = to.error();
      return false;
    }
    if (IsPinned(src, from_table.Get(from))) {
      const ErrnoOr<Done> copied = CopyPinned(dst, *to, from_table.Get(from));
      error = copied.error();
      return copied.ok();
    }
    LockGuard to_guard(to_table.LockOf(*to));
    LockGuard from_guard(from_table.LockOf(from));
    Entry e = from_table.Get(from);
    if (e.present()) {
      Frame& folio = phys.frame(e.pfn());
      phys.Get(e.pfn());
      AddHugetlbRmap(*dst.mm, folio);
      folio.anon_exclusive = false;
      if (src.cow() && e.write()) {
        e.flags = e.flags.without(EntryFlag::kWrite);
        from_table.Set(from, e);
        gather.Add(Covered(src, from));
      }
    }
    if (e.kind == EntryKind::kMigration && src.cow()) {
      // Both will have it when it is there again.
      e.flags =
          e.flags.without(EntryFlag::kWrite).without(EntryFlag::kExclusive);
      from_table.Set(from, e);
    }
    if (!UffdWp(dst)) {
      e = WithoutUffdWp(e);
    }
    to_table.Set(*to, e);
    return true;
  });
  if (error != Errno::kOk) {
    return error;
  }
  return kDone;
}

uint64_t ChangeHugetlbProtection(Vma& vma, GuestRange range, Prot prot) {
  PageTable& table = vma.mm->page_table();
  const EntryFlags rights = vma.mm->system().arch().PageFlags(prot).set(
      EntryFlag::kWrite, prot.write() && vma.shared() && !UffdWp(vma));
  const PageCount pages = vma.file->hugetlb()->pool().pages();
  uint64_t changed = 0;
  TlbGather gather(*vma.mm);
  const HugetlbRangeLocks locks(vma);
  ForEachEntry(vma, range, [&](const EntryRef& r) {
    LockGuard guard(table.LockOf(r));
    Entry e = table.Get(r);
    if (e.present()) {
      e.flags = Modified(rights, e.flags);
      table.Set(r, e);
      gather.Add(Covered(vma, r));
      changed += pages.value();
    }
    return true;
  });
  gather.FlushNow();
  return changed;
}

uint64_t MoveHugetlbEntries(Vma& vma, GuestRange from, GuestAddr to) {
  PageTable& table = vma.mm->page_table();
  uint64_t done = from.size();
  TlbGather gather(*vma.mm);
  const HugetlbRangeLocks locks(vma);
  ForEachEntry(vma, from, [&](const EntryRef& old_entry) {
    const GuestAddr address = to + (old_entry.address - from.start);
    const ErrnoOr<EntryRef> new_entry =
        table.FindOrAllocate(address, old_entry.level);
    if (!new_entry.ok()) {
      done = old_entry.address - from.start;
      return false;
    }
    // One entry at a time, with nothing allocated in between: no need for the
    // locks of both tables at once, which may be one.
    Entry e;
    {
      LockGuard guard(table.LockOf(old_entry));
      e = table.Get(old_entry);
      table.Set(old_entry, Entry::None());
    }
    {
      LockGuard guard(table.LockOf(*new_entry));
      table.Set(*new_entry, UffdForgetsOnMove(vma) ? WithoutUffdWp(e) : e);
    }
    gather.Add(Covered(vma, old_entry));
    return true;
  });
  gather.FlushNow();
  return done;
}

}  // namespace faultline::mm
