#include "guest_mm/rmap/rmap_walk.h"

#include <algorithm>

#include "guest_mm/pgtable/table_lock.h"

namespace faultline::mm {
namespace {

// The part of `span` that lies in `vma` (vma_address()).
bool Visit(Vma& vma, FolioSpan span, VmaVisitor visit) {
  const PageShift shift = vma.mm->page_shift();
  const uint64_t end = vma.pgoff + vma.range.Pages(shift).value();
  const uint64_t from = std::max(span.first, vma.pgoff);
  const uint64_t to = std::min(span.first + span.pages, end);
  if (from >= to) {
    return true;
  }
  const GuestAddr start =
      vma.range.start + PageCount(from - vma.pgoff).in_bytes(shift);
  return visit(vma,
               GuestRange::At(start, PageCount(to - from).in_bytes(shift)));
}

bool Leads(const Entry& e, Pfn first, uint64_t pages, Seek seek) {
  const bool kind =
      seek == Seek::kPresent ? e.counted() : e.kind == EntryKind::kMigration;
  return kind && e.payload >= first.value() &&
         e.payload < first.value() + pages;
}

}  // namespace

FolioSpan SpanOf(const Frame& folio) {
  return {folio.index, uint64_t{1} << folio.order};
}

bool RmapWalkLocked(AnonVma& anon_vma, FolioSpan span, VmaVisitor visit) {
  // A chain whose VMAs are visited cannot go: they hold it, and stay.
  for (const AnonVmaChain* const chain : anon_vma.chains()) {
    for (const auto& [key, vma] : chain->vmas()) {
      if (key.first >= span.first + span.pages) {
        break;
      }
      if (!Visit(*vma, span, visit)) {
        return false;
      }
    }
  }
  return true;
}

bool RmapWalkLocked(Mapping& mapping, FolioSpan span, VmaVisitor visit) {
  for (const auto& [key, vma] : mapping.vmas()) {
    if (key.pgoff >= span.first + span.pages) {
      break;
    }
    if (!Visit(*vma, span, visit)) {
      return false;
    }
  }
  return true;
}

bool RmapWalk(PhysMem& phys, Pfn head, VmaVisitor visit) {
  const Frame& folio = phys.frame(head);
  const FolioSpan span = SpanOf(folio);
  if (folio.use == FrameUse::kPageCache) {
    if (folio.mapping == nullptr) {
      return true;  // truncated, which has unmapped it
    }
    Mapping& mapping = *folio.mapping;
    LockGuard guard(mapping.i_mmap_lock());
    return RmapWalkLocked(mapping, span, visit);
  }
  const std::shared_ptr<AnonVma> anon_vma =
      folio.anon_vma != nullptr && FolioMapcount(folio) > 0
          ? folio.anon_vma->Hold()
          : nullptr;
  if (anon_vma == nullptr) {
    return true;
  }
  ReadGuard guard(anon_vma->lock());
  return RmapWalkLocked(*anon_vma, span, visit);
}

bool VisitEntries(Vma& vma, GuestRange range, Pfn first, uint64_t pages,
                  Seek seek, EntryVisitor visit) {
  PageTable& table = vma.mm->page_table();
  const PagingGeometry& g = table.arch().geometry();
  for (GuestAddr a = range.start; a < range.end;) {
    const EntryRef huge = table.Find(a, PagingGeometry::kHugeLevel);
    const GuestAddr start = a.AlignDown(g.HugeBytes());
    const GuestRange part =
        GuestRange::At(start, g.HugeBytes()).Intersect(range);
    a = part.end;
    if (!huge) {
      continue;
    }
    Entry e = table.Get(huge);
    if (!e.none() && !e.is_table()) {
      LockGuard guard(table.LockOf(huge));
      e = table.Get(huge);
      if (Leads(e, first, pages, seek) && !visit(huge, e)) {
        return false;
      }
      e = table.Get(huge);
    }
    // It was one, or has been split: by `visit`, or while we waited.
    if (!e.is_table()) {
      continue;
    }
    EntryRef r = table.Find(part.start, 0);
    const TableLock guard(table, r);
    if (!guard) {
      a = part.start;  // taken out of the tree meanwhile: look again
      continue;
    }
    for (; r.address < part.end; ++r.word, r.address += g.page_shift.bytes()) {
      if (*r.word != 0) {
        e = table.Get(r);
        if (Leads(e, first, pages, seek) && !visit(r, e)) {
          return false;
        }
      }
    }
  }
  return true;
}

}  // namespace faultline::mm
