#include "guest_mm/mm/address_space.h"

#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/base/invariant.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/thp/khugepaged.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {

ErrnoOr<std::shared_ptr<AddressSpace>> AddressSpace::Create(MemoryManager& mm) {
  FL_ASSIGN(PageTable table, PageTable::Create(mm.phys(), mm.arch()));
  return std::shared_ptr<AddressSpace>(new AddressSpace(mm, std::move(table)));
}

AddressSpace::AddressSpace(MemoryManager& system, PageTable table)
    : system_(system),
      id_(system.NextAddressSpaceId()),
      vmas_(*this),
      page_table_(std::move(table)) {
  if (system_.arch().geometry().soft_dirty) {
    soft_dirty = VmaFlag::kSoftDirty;
  }
}

// mm/mmap.c exit_mmap(). Nobody else knows of the space any more, but files
// do: a truncation may come by until the last VMA is unlinked.
AddressSpace::~AddressSpace() {
  system_.khugepaged().Exit(*this);
  WriteGuard guard(mmap_lock_);
  while (Vma* v = vmas_.Last()) {
    ZapRange(*this, *v, v->range, Markers::kDrop);
    vmas_.Remove(*v);
  }
  system_.tlb().FlushMm(*this);
  FL_CHECK(rss.total() == PageCount() && rss.swap == PageCount() &&
           rss.hugetlb == PageCount());
}

namespace {

void ValidateAnonPage(const Vma& v, const Entry& entry, const Frame& folio,
                      const Frame& page) {
  FL_CHECK(!v.shared() && v.anon_vma != nullptr);
  // Every VMA that can map a page has the page's AnonVma in its chain.
  const AnonVmaChain* const chain = v.anon_vma->chain();
  FL_CHECK(chain != nullptr && chain->Contains(folio.anon_vma));
  // Looked for from the page, the entry is found: v is filed (VmaSet).
  // A store needs no fault: then nobody else may see the page.
  FL_INVARIANT(!entry.write() || page.anon_exclusive,
               "an anonymous page that can be written is nobody else's");
}

void ValidateFilePage(const Vma& v, const Entry& entry, const Frame& frame) {
  FL_CHECK(frame.use == FrameUse::kPageCache && frame.mapping != nullptr);
  FL_CHECK(v.file && &v.file->mapping() == frame.mapping);
  FL_CHECK(frame.uptodate && !frame.anon_exclusive);
  FL_CHECK(frame.swap_backed ==
           (frame.mapping->kind() == Mapping::Kind::kShmem));
  FL_CHECK(!entry.write() || v.shared());
}

void ValidateHugetlbPage(const Vma& v, const EntryRef& ref, const Entry& entry,
                         const Frame& folio) {
  HugetlbFile& file = *v.file->hugetlb();
  FL_CHECK(folio.use == FrameUse::kHugeTlb && ref.level == file.pool().level());
  FL_CHECK(!folio.restore_reserve && folio.uptodate);
  if (folio.anon_vma != nullptr) {
    FL_CHECK(!v.has(VmaFlag::kMayShare) && v.anon_vma != nullptr);
    FL_CHECK(v.anon_vma->chain()->Contains(folio.anon_vma));
    FL_CHECK(!entry.write() || folio.anon_exclusive);
  } else {
    FL_CHECK(folio.mapping == &file.mapping());
    FL_CHECK(file.Find(HugeIndex(v, ref.address)) == entry.pfn());
    FL_CHECK(!entry.write() || v.shared());
  }
}

}  // namespace

void AddressSpace::Validate() const {
  const VmaSet& set = vmas();  // racy: nothing runs while it is checked
  set.Validate();
  page_table_.Validate();
  PhysMem& phys = system_.phys();
  Rss seen;
  const GuestRange user{GuestAddr(0), system_.arch().layout().user_end};
  page_table_.ForEach(user, [&](const EntryRef& ref, const Entry& entry) {
    const Vma* v = set.Find(ref.address);
    FL_INVARIANT(v != nullptr, "every entry is in a mapping (VMA)");
    const PageCount pages(
        uint64_t{1}
        << (system_.arch().geometry().levels[size_t(ref.level)].shift -
            page_shift().value()));
    if (entry.kind == EntryKind::kSwap) {
      seen.swap += pages;
    }
    if (entry.kind == EntryKind::kMigration) {
      const Frame& moved = phys.folio(entry.pfn());
      (moved.use == FrameUse::kAnon ? seen.anon
       : moved.swap_backed          ? seen.shmem
                                    : seen.file) += pages;
    }
    if (!entry.present()) {
      return true;
    }
    FL_INVARIANT(!entry.write() || v->has(VmaFlag::kWrite),
                 "only entries of writable mappings can be written");
    if (entry.special()) {
      FL_CHECK(!entry.write());
      FL_CHECK(entry.pfn() == (ref.level == 0 ? system_.zero_page()
                                              : *system_.thp().huge_zero));
      return true;
    }
    FL_CHECK(phys.Contains(entry.pfn()));
    const Frame& folio = phys.folio(entry.pfn());
    const Frame& page = phys.frame(entry.pfn());
    const uint64_t in_folio = entry.pfn() - phys.HeadOf(entry.pfn());
    FL_CHECK(folio.refcount >= FolioMapcount(folio));
    if (ref.level > 0) {  // a huge entry maps a whole folio, in one VMA
      FL_CHECK(in_folio == 0 && (uint64_t{1} << folio.order) == pages.value());
      FL_CHECK(v->range.end - ref.address >= pages.in_bytes(page_shift()));
      FL_CHECK(folio.entire_mapcount > 0);
    } else {
      FL_CHECK(page.mapcount > 0);
    }
    FL_INVARIANT(
        folio.index + in_folio == v->PageIndex(ref.address, page_shift()),
        "an entry leads to the page of its place in the mapping");
    if (v->hugetlb()) {
      ValidateHugetlbPage(*v, ref, entry, folio);
      seen.hugetlb += pages;
      return true;
    }
    if (folio.use == FrameUse::kAnon) {
      ValidateAnonPage(*v, entry, folio, page);
      seen.anon += pages;
    } else {
      ValidateFilePage(*v, entry, folio);
      (folio.swap_backed ? seen.shmem : seen.file) += pages;
    }
    return true;
  });
  FL_INVARIANT(seen.anon == rss.anon,
               "the tree maps as many anonymous pages as rss counts");
  FL_INVARIANT(seen.file == rss.file,
               "the tree maps as many pages of files as rss counts");
  FL_INVARIANT(seen.shmem == rss.shmem,
               "the tree maps as many shmem pages as rss counts");
  FL_INVARIANT(seen.swap == rss.swap,
               "the tree has as many swap entries as are counted");
  FL_INVARIANT(seen.hugetlb == rss.hugetlb,
               "the tree maps as many hugetlb pages as are counted");
}

}  // namespace faultline::mm
