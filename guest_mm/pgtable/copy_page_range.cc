// The page tables' part of fork. Linux: mm/memory.c copy_page_range(),
// copy_pte_range(), copy_present_ptes().

#include <optional>
#include <utility>

#include "guest_mm/hugetlb/hugetlb_range.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

// vma_needs_copy(): what a fault can bring back from a file is left to it.
// What is protected only the table knows.
bool NeedsCopy(const Vma& dst, const Vma& src) {
  return UffdWp(dst) || src.anon_vma != nullptr ||
         src.flags.any(VmaFlag::kPfnMap | VmaFlag::kMaybeGuard);
}

class RangeCopier {
 public:
  RangeCopier(AddressSpace& dst, Vma& dst_vma, AddressSpace& src, Vma& src_vma)
      : dst_(dst),
        dst_vma_(dst_vma),
        src_(src),
        src_vma_(src_vma),
        gather_(src) {}

  // Pins taken without locks while entries lose rights are given up again.
  ErrnoOr<Done> Copy() {
    const uint64_t step = src_vma_.cow() ? 1 : 0;
    src_.write_protect_seq += step;
    const ErrnoOr<Done> copied = CopySpans();
    src_.write_protect_seq += step;
    if (spare_page_.has_value()) {
      dst_.system().phys().Put(*spare_page_);
    }
    return copied;
  }

 private:
  ErrnoOr<Done> CopySpans() {
    Errno error = Errno::kOk;
    WalkSpans(src_.page_table(), src_vma_.range, [&](const EntrySpan& span) {
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
      error = CopySpan(span, *to).error();
      return error == Errno::kOk;
    });
    if (error != Errno::kOk) {
      return error;
    }
    return kDone;
  }

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
    if (e.present() && !MustCopyPage(e)) {
      CopyEntry(from, e, *to);
      to_table.Deposit(*to, spare);
      return kDone;
    }
    // Pinned, or split meanwhile: the walk goes on in its table.
    if (e.present()) {
      SplitHugePmdLocked(src_, src_vma_, from, e);
    }
    to_table.FreeSpare(spare);
    return kDone;
  }

  ErrnoOr<Done> CopySpan(const EntrySpan& span, const EntryRef& first_to) {
    uint64_t next = 0;
    while (CopySome(span, first_to, &next) == Need::kPage) {
      FL_ASSIGN(spare_page_,
                dst_.system().phys().Allocate(AllocPurpose::kAnon));
    }
    return kDone;
  }

  // Entries from the `*next`th on. It stops at one that needs a page to copy
  // to: that cannot be had under the locks.
  enum class Need : uint8_t { kNothing, kPage };
  Need CopySome(const EntrySpan& span, EntryRef to, uint64_t* next) {
    PageTable& from_table = src_.page_table();
    PageTable& to_table = dst_.page_table();
    LockGuard to_guard(to_table.LockOf(to));
    LockGuard from_guard(from_table.LockOf(span.first));
    for (to.word += *next; *next < span.count; ++*next, ++to.word) {
      const EntryRef from = span[*next];
      to.address = from.address;
      if (*from.word == 0) {
        continue;
      }
      const Entry e = from_table.Get(from);
      if (!MustCopyPage(e)) {
        CopyEntry(from, e, to);
      } else if (spare_page_.has_value()) {
        CopyPinnedPage(e, to);
      } else {
        return Need::kPage;
      }
    }
    return Need::kNothing;
  }

  // folio_try_dup_anon_rmap_pte() fails: a page that a device knows as the
  // parent's has to stay the parent's, whoever of the two stores first.
  bool MustCopyPage(const Entry& e) const {
    if (!e.counted()) {
      return false;
    }
    const PhysMem& phys = src_.system().phys();
    const Frame& folio = phys.folio(e.pfn());
    return folio.use == FrameUse::kAnon && phys.frame(e.pfn()).anon_exclusive &&
           NeedsCowForDma(src_, folio);
  }

  // copy_present_page(): the child gets a copy now, and may store to it.
  void CopyPinnedPage(const Entry& e, const EntryRef& to) {
    PhysMem& phys = dst_.system().phys();
    const ArchOps& arch = dst_.system().arch();
    const Pfn copy = *std::exchange(spare_page_, std::nullopt);
    phys.CopyPage(copy, e.pfn());
    AddNewAnonRmap(dst_, dst_vma_, to.address, copy);
    EntryFlags flags = MakeDirty(arch, WritablePageProt(arch, dst_vma_));
    if (dst_vma_.has(VmaFlag::kUffdWp) && e.flags.has(EntryFlag::kUffdWp)) {
      flags = flags.with(EntryFlag::kUffdWp).without(EntryFlag::kWrite);
    }
    dst_.page_table().Set(to, Entry::Page(copy, flags));
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
    if (!UffdWp(dst_vma_)) {
      e = WithoutUffdWp(e);
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
  std::optional<Pfn> spare_page_;  // for the next copy
  TlbGather gather_;  // flushes the parent's lost rights, once, at the end
};

}  // namespace

ErrnoOr<Done> CopyPageRange(AddressSpace& dst, Vma& dst_vma, AddressSpace& src,
                            Vma& src_vma) {
  if (!NeedsCopy(dst_vma, src_vma)) {
    return kDone;
  }
  if (src_vma.hugetlb()) {
    return CopyHugetlbRange(dst_vma, src_vma);
  }
  return RangeCopier(dst, dst_vma, src, src_vma).Copy();
}

}  // namespace faultline::mm
