#include "guest_mm/mm/mem_stats.h"

#include <algorithm>

#include "guest_mm/file/mapping.h"

namespace faultline::mm {
namespace {

bool IsDirty(const Frame& folio, const Entry& entry) {
  return entry.dirty() || folio.dirty;
}

// smaps_page_accumulate(): `bytes` whose proportional share is `pss`.
void Accumulate(const Frame& folio, bool dirty, bool locked, uint64_t bytes,
                int32_t mapcount, MemStats* s) {
  const uint64_t pss =
      (bytes << kPssShift) / uint64_t(std::max<int32_t>(mapcount, 1));
  s->pss += pss;
  (folio.use == FrameUse::kAnon ? s->pss_anon
   : folio.swap_backed          ? s->pss_shmem
                                : s->pss_file) += pss;
  s->pss_locked += locked ? pss : 0;
  s->pss_dirty += dirty ? pss : 0;
  if (mapcount > 1) {
    (dirty ? s->shared_dirty : s->shared_clean) += bytes;
  } else {
    (dirty ? s->private_dirty : s->private_clean) += bytes;
  }
}

// smaps_account() and, for a huge entry, smaps_pmd_entry().
void Account(const PhysMem& phys, const EntryRef& ref, const Entry& entry,
             uint64_t bytes, bool locked, MemStats* s) {
  const Frame& folio = phys.folio(entry.pfn());
  const bool anon = folio.use == FrameUse::kAnon;
  const bool dirty = IsDirty(folio, entry);
  s->rss += bytes;
  if (anon) {
    s->anonymous += bytes;
    // MADV_FREE has given it up, and nobody has written to it since.
    s->lazy_free += dirty || folio.swap_backed ? 0 : bytes;
  }
  if (ref.level > 0) {
    (anon                ? s->anon_huge
     : folio.swap_backed ? s->shmem_huge
                         : s->file_huge) += bytes;
  }
  if (entry.young() || folio.referenced) {
    s->referenced += bytes;
  }
  const uint64_t page_bytes = phys.page_shift().bytes();
  if (folio.refcount == 1) {  // one entry, so one sharer of all pages
    Accumulate(folio, dirty, locked, bytes, 1, s);
    return;
  }
  for (uint64_t i = 0; i < bytes / page_bytes; ++i) {
    const Frame& page = phys.frame(entry.pfn() + i);
    Accumulate(folio, dirty, locked, page_bytes, PageMapcount(folio, page), s);
  }
}

// smap_gather_stats(): what the file has in swap, but for pages of which the
// mapping has copies of its own.
void GatherShmemSwap(AddressSpace& mm, const Vma& vma, MemStats* stats) {
  if (vma.anonymous() || vma.file->mapping().swapped() == PageCount()) {
    return;
  }
  const PageShift shift = mm.page_shift();
  const uint64_t end = vma.pgoff + vma.range.Pages(shift).value();
  PageCount swapped = vma.file->mapping().SwappedIn(vma.pgoff, end);
  if (!vma.shared() && vma.has(VmaFlag::kWrite)) {
    mm.page_table().ForEach(vma.range, [&](const EntryRef& ref, const Entry&) {
      const uint64_t index = vma.PageIndex(ref.address, shift);
      swapped -= vma.file->mapping().SwappedIn(index, index + 1);
      return true;
    });
  }
  stats->swap += swapped.in_bytes(shift);
}

// smaps_hugetlb_range().
void GatherHugetlb(AddressSpace& mm, const Vma& vma, MemStats* stats) {
  const PhysMem& phys = mm.system().phys();
  mm.page_table().ForEach(vma.range, [&](const EntryRef& ref, const Entry& e) {
    if (e.present()) {
      (FolioMapcount(phys.folio(e.pfn())) > 1 ? stats->shared_hugetlb
                                              : stats->private_hugetlb) +=
          mm.system().arch().geometry().EntryBytes(ref.level);
    }
    return true;
  });
}

}  // namespace

PageCount TablePages(const AddressSpace& mm) {
  PageCount tables;
  const int root = mm.page_table().arch().geometry().root();
  for (int level = 0; level < std::min(root, 3); ++level) {
    tables += mm.page_table().tables_at(level);
  }
  return tables;
}

void Gather(AddressSpace& mm, const Vma& vma, MemStats* stats) {
  if (vma.hugetlb()) {
    GatherHugetlb(mm, vma, stats);
    return;
  }
  GatherShmemSwap(mm, vma, stats);
  const PagingGeometry& geometry = mm.system().arch().geometry();
  mm.page_table().ForEach(vma.range, [&](const EntryRef& ref, const Entry& e) {
    const uint64_t bytes = geometry.EntryBytes(ref.level);
    if (e.swap()) {
      stats->swap += bytes;
      stats->swap_pss +=
          (bytes << kPssShift) / mm.system().swap().count(e.slot());
    } else if (e.counted()) {
      Account(mm.system().phys(), ref, e, bytes, vma.has(VmaFlag::kLocked),
              stats);
    }
    return true;
  });
}

}  // namespace faultline::mm
