#include "guest_mm/rmap/rmap.h"

#include <algorithm>

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/sync/footprint.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

PageCount& MappedHuge(AddressSpace& mm, const Frame& folio) {
  ThpMapped& mapped = mm.system().thp().mapped;
  if (folio.use == FrameUse::kAnon) {
    return mapped.anon;
  }
  return folio.swap_backed ? mapped.shmem : mapped.file;
}

PageCount PagesOf(const Frame& folio) {
  return PageCount(uint64_t{1} << folio.order);
}

void CountIn(AddressSpace& mm, const Frame& folio, PageCount pages) {
  RssOf(mm, folio) += pages;
  mm.hiwater_rss = std::max(mm.hiwater_rss, mm.rss.total());
}

// One more, or one less, level-0 entry for `page`.
void AddMapcount(Frame& folio, Frame& page) {
  NoteWrite(&folio);
  if (folio.order > 0) {
    ++folio.large_mapcount;
    folio.pages_mapped += page.mapcount == 0 ? 1 : 0;
  }
  ++page.mapcount;
}

void DropMapcount(Frame& folio, Frame& page) {
  FL_CHECK(page.mapcount > 0);
  NoteWrite(&folio);
  --page.mapcount;
  if (folio.order > 0) {
    --folio.large_mapcount;
    folio.pages_mapped -= page.mapcount == 0 ? 1 : 0;
  }
}

void AddEntireMapcount(AddressSpace& mm, Frame& folio) {
  NoteWrite(&folio);
  if (folio.entire_mapcount == 0) {
    MappedHuge(mm, folio) += PagesOf(folio);
  }
  ++folio.entire_mapcount;
  ++folio.large_mapcount;
}

void DropEntireMapcount(AddressSpace& mm, Frame& folio) {
  FL_CHECK(folio.entire_mapcount > 0);
  NoteWrite(&folio);
  --folio.entire_mapcount;
  --folio.large_mapcount;
  if (folio.entire_mapcount == 0) {
    MappedHuge(mm, folio) -= PagesOf(folio);
  }
}

// deferred_split_folio(): pages of it were unmapped and others were not.
void DeferSplit(AddressSpace& mm, Pfn pfn, Frame& folio) {
  const bool partial = folio.use == FrameUse::kAnon && folio.order > 0 &&
                       folio.entire_mapcount == 0 && folio.pages_mapped > 0 &&
                       PageCount(uint64_t(folio.pages_mapped)) < PagesOf(folio);
  if (partial && !folio.partially_mapped) {
    folio.partially_mapped = true;
    PhysMem& phys = mm.system().phys();
    phys.deferred_split().Add(phys.HeadOf(pfn));
    ++mm.system().thp().counters.deferred_split_page;
  }
}

}  // namespace

// A page-cache frame that was truncated while mapped has no mapping left;
// swap_backed remembers what it was.
PageCount& RssOf(AddressSpace& mm, const Frame& folio) {
  if (folio.use == FrameUse::kAnon) {
    return mm.rss.anon;
  }
  return folio.swap_backed ? mm.rss.shmem : mm.rss.file;
}

bool LikelyMappedShared(const Frame& folio) {
  const int32_t entries = FolioMapcount(folio);
  if (folio.order == 0 || entries <= 1) {
    return entries > 1;
  }
  return folio.entire_mapcount > 0 || entries > int32_t{1} << folio.order ||
         folio.mapcount > 1;
}

void AddNewAnonRmap(AddressSpace& mm, Vma& vma, GuestAddr address, Pfn pfn) {
  Frame& folio = mm.system().phys().frame(pfn);
  FL_DCHECK(folio.use == FrameUse::kAnon && FolioMapcount(folio) == 0);
  FL_DCHECK(vma.anon_vma != nullptr);
  folio.anon_vma = vma.anon_vma.get();
  folio.index = vma.PageIndex(address, mm.page_shift());
  folio.swap_backed = !vma.has(VmaFlag::kDroppable);
  folio.uptodate = true;
  folio.anon_exclusive = true;
  if (folio.order == 0) {
    folio.mapcount = 1;
  } else {
    AddEntireMapcount(mm, folio);
  }
  CountIn(mm, folio, PagesOf(folio));
  mm.system().phys().lru().Add(pfn, InactiveList(folio.swap_backed));
  MlockVmaFolio(vma, pfn);
}

void AddAnonRmap(AddressSpace& mm, Vma& vma, GuestAddr address, Pfn pfn,
                 Exclusive exclusive) {
  PhysMem& phys = mm.system().phys();
  Frame& folio = phys.folio(pfn);
  Frame& page = phys.frame(pfn);
  FL_DCHECK(folio.use == FrameUse::kAnon && vma.anon_vma != nullptr);
  if (folio.anon_vma == nullptr) {  // just read (__folio_set_anon())
    // Who shares it has at least the root in common.
    folio.anon_vma = exclusive == Exclusive::kYes ? vma.anon_vma.get()
                                                  : vma.anon_vma->root();
    folio.index = vma.PageIndex(address, mm.page_shift());
  }
  page.anon_exclusive |= exclusive == Exclusive::kYes;
  AddMapcount(folio, page);
  CountIn(mm, folio, PageCount(1));
}

void AddFileRmap(AddressSpace& mm, Pfn pfn) {
  PhysMem& phys = mm.system().phys();
  Frame& folio = phys.folio(pfn);
  FL_DCHECK(folio.use == FrameUse::kPageCache);
  AddMapcount(folio, phys.frame(pfn));
  CountIn(mm, folio, PageCount(1));
}

void AddFileRmapPmd(AddressSpace& mm, Pfn head) {
  Frame& folio = mm.system().phys().frame(head);
  FL_DCHECK(folio.use == FrameUse::kPageCache && folio.order > 0);
  AddEntireMapcount(mm, folio);
  CountIn(mm, folio, PagesOf(folio));
}

void RestoreRmap(AddressSpace& mm, Pfn pfn, bool exclusive) {
  PhysMem& phys = mm.system().phys();
  Frame& page = phys.frame(pfn);
  AddMapcount(phys.folio(pfn), page);
  page.anon_exclusive = exclusive && phys.folio(pfn).use == FrameUse::kAnon;
}

void DupRmap(AddressSpace& dst, Pfn pfn) {
  PhysMem& phys = dst.system().phys();
  Frame& folio = phys.folio(pfn);
  Frame& page = phys.frame(pfn);
  page.anon_exclusive = false;
  ++folio.refcount;
  AddMapcount(folio, page);
  CountIn(dst, folio, PageCount(1));
}

void DupRmapPmd(AddressSpace& dst, Pfn head) {
  Frame& folio = dst.system().phys().frame(head);
  folio.anon_exclusive = false;
  ++folio.refcount;
  AddEntireMapcount(dst, folio);
  CountIn(dst, folio, PagesOf(folio));
}

void RemoveRmap(AddressSpace& mm, Pfn pfn) {
  PhysMem& phys = mm.system().phys();
  Frame& folio = phys.folio(pfn);
  DropMapcount(folio, phys.frame(pfn));
  RssOf(mm, folio) -= PageCount(1);
  DeferSplit(mm, pfn, folio);
  ForgetMlock(mm.system(), pfn);
}

void RemoveRmapPmd(AddressSpace& mm, Pfn head) {
  Frame& folio = mm.system().phys().frame(head);
  DropEntireMapcount(mm, folio);
  RssOf(mm, folio) -= PagesOf(folio);
  DeferSplit(mm, head, folio);
  ForgetMlock(mm.system(), head);
}

void SplitPmdRmap(AddressSpace& mm, Pfn head) {
  PhysMem& phys = mm.system().phys();
  Frame& folio = phys.frame(head);
  const bool exclusive = folio.anon_exclusive;
  const uint64_t pages = PagesOf(folio).value();
  for (uint64_t i = 0; i < pages; ++i) {
    Frame& page = phys.frame(head + i);
    page.anon_exclusive = exclusive;
    AddMapcount(folio, page);
  }
  folio.refcount += int32_t(pages) - 1;
  DropEntireMapcount(mm, folio);
}

}  // namespace faultline::mm
