// The page tables' part of fork. Linux: mm/memory.c copy_page_range(),
// copy_pte_range(), copy_present_ptes().

#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/rmap/rmap.h"

namespace faultline::mm {
namespace {

// vma_needs_copy(): what a fault can bring back from a file is left to it.
bool NeedsCopy(const Vma& src) {
  return src.anon_vma != nullptr || src.has(VmaFlag::kPfnMap);
}

class RangeCopier {
 public:
  RangeCopier(AddressSpace& dst, Vma& dst_vma, AddressSpace& src, Vma& src_vma)
      : dst_(dst),
        dst_vma_(dst_vma),
        src_(src),
        src_vma_(src_vma),
        gather_(src) {}

  ErrnoOr<Done> Copy() {
    Errno error = Errno::kOk;
    WalkSpans(src_.page_table(), src_vma_.range, [&](const EntrySpan& span) {
      if (src_.system().phys().frame(span.first.table).entries == 0) {
        return true;
      }
      if (span.huge()) {
        error = CopyHuge(span.first).error();
        return error == Errno::kOk;
      }
      const ErrnoOr<EntryRef> to = dst_.page_table().FindOrAllocate(
          span.first.address, span.first.level);
      if (!to.ok()) {
        error = to.error();
        return false;
      }
      CopySpan(span, *to);
      return true;
    });
    if (error != Errno::kOk) {
      return error;
    }
    return kDone;
  }

 private:
  // copy_huge_pmd(). A file's page is left to a fault of the child.
  ErrnoOr<Done> CopyHuge(const EntryRef& from) {
    if (!dst_vma_.anonymous()) {
      return kDone;
    }
    PageTable& to_table = dst_.page_table();
    FL_ASSIGN(const Pfn spare, to_table.AllocateSpare());
    const ErrnoOr<EntryRef> to =
        to_table.FindOrAllocate(from.address, from.level);
    if (!to.ok()) {
      to_table.FreeSpare(spare);
      return to.error();
    }
    LockGuard to_guard(to_table.LockOf(*to));
    LockGuard from_guard(src_.page_table().LockOf(from));
    const Entry e = src_.page_table().Get(from);
    if (!e.present()) {  // split meanwhile: the walk goes on in its table
      to_table.FreeSpare(spare);
      return kDone;
    }
    CopyEntry(from, e, *to);
    to_table.Deposit(*to, spare);
    return kDone;
  }

  void CopySpan(const EntrySpan& span, EntryRef to) {
    PageTable& from_table = src_.page_table();
    PageTable& to_table = dst_.page_table();
    LockGuard to_guard(to_table.LockOf(to));
    LockGuard from_guard(from_table.LockOf(span.first));
    for (uint64_t i = 0; i < span.count; ++i, ++to.word) {
      const EntryRef from = span[i];
      to.address = from.address;
      if (*from.word != 0) {
        CopyEntry(from, from_table.Get(from), to);
      }
    }
  }

  void CopyEntry(const EntryRef& from, Entry e, const EntryRef& to) {
    if (e.present() && e.write() && src_vma_.cow()) {
      e.flags = e.flags.without(EntryFlag::kWrite);
      src_.page_table().Set(from, e);
      gather_.Add(GuestRange::At(
          from.address,
          src_.system().arch().geometry().EntryBytes(from.level)));
    }
    if (e.swap()) {
      e = ShareSlot(from, e);
    } else if (e.kind == EntryKind::kMigration) {
      e = CopyMigration(from, e);
    } else if (e.counted() && from.level == 0) {
      DupRmap(dst_, e.pfn());
    } else if (e.counted()) {
      DupRmapPmd(dst_, e.pfn());
    }
    if (e.present()) {
      // The child has touched nothing yet; what it shares, it has not written.
      e.flags = e.flags.without(EntryFlag::kYoung);
      if (src_vma_.shared()) {
        e.flags = e.flags.without(EntryFlag::kDirty);
      }
    }
    if (!dst_vma_.has(VmaFlag::kUffdWp)) {
      e.flags = e.flags.without(EntryFlag::kUffdWp);
    }
    dst_.page_table().Set(to, e);
  }

  // A page that is being moved will be shared, too (copy_nonpresent_pte()).
  Entry CopyMigration(const EntryRef& from, Entry e) {
    RssOf(dst_, dst_.system().phys().folio(e.pfn())) += PageCount(1);
    if (src_vma_.cow()) {
      e.flags =
          e.flags.without(EntryFlag::kWrite).without(EntryFlag::kExclusive);
      src_.page_table().Set(from, e);
    }
    return e;
  }

  // What both lead to is nobody's alone any more.
  Entry ShareSlot(const EntryRef& from, Entry e) {
    src_.system().swap().Dup(e.slot());
    dst_.rss.swap += PageCount(1);
    if (e.flags.has(EntryFlag::kExclusive)) {
      e.flags = e.flags.without(EntryFlag::kExclusive);
      src_.page_table().Set(from, e);
    }
    return e;
  }

  AddressSpace& dst_;
  Vma& dst_vma_;
  AddressSpace& src_;
  Vma& src_vma_;
  TlbGather gather_;  // flushes the parent's lost rights, once, at the end
};

}  // namespace

ErrnoOr<Done> CopyPageRange(AddressSpace& dst, Vma& dst_vma, AddressSpace& src,
                            Vma& src_vma) {
  if (!NeedsCopy(src_vma)) {
    return kDone;
  }
  return RangeCopier(dst, dst_vma, src, src_vma).Copy();
}

}  // namespace faultline::mm
