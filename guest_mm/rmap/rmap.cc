#include "guest_mm/rmap/rmap.h"

#include <algorithm>

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"

namespace faultline::mm {
namespace {

// include/linux/mm.h mm_counter(). A page-cache frame that was truncated while
// mapped has no mapping left; swap_backed remembers what it was.
PageCount& RssOf(AddressSpace& mm, const Frame& frame) {
  if (frame.use == FrameUse::kAnon) {
    return mm.rss.anon;
  }
  return frame.swap_backed ? mm.rss.shmem : mm.rss.file;
}

void CountIn(AddressSpace& mm, const Frame& frame) {
  RssOf(mm, frame) += PageCount(1);
  mm.hiwater_rss = std::max(mm.hiwater_rss, mm.rss.total());
}

}  // namespace

void AddNewAnonRmap(AddressSpace& mm, Vma& vma, GuestAddr address, Pfn pfn) {
  Frame& frame = mm.system().phys().frame(pfn);
  FL_DCHECK(frame.use == FrameUse::kAnon && frame.mapcount == 0);
  FL_DCHECK(vma.anon_vma != nullptr);
  frame.anon_vma = vma.anon_vma.get();
  frame.index = vma.PageIndex(address, mm.page_shift());
  frame.swap_backed = true;
  frame.uptodate = true;
  frame.anon_exclusive = true;
  frame.mapcount = 1;
  CountIn(mm, frame);
}

void AddFileRmap(AddressSpace& mm, Pfn pfn) {
  Frame& frame = mm.system().phys().frame(pfn);
  FL_DCHECK(frame.use == FrameUse::kPageCache);
  ++frame.mapcount;
  CountIn(mm, frame);
}

void DupRmap(AddressSpace& dst, Pfn pfn) {
  Frame& frame = dst.system().phys().frame(pfn);
  frame.anon_exclusive = false;
  ++frame.refcount;
  ++frame.mapcount;
  CountIn(dst, frame);
}

void RemoveRmap(AddressSpace& mm, Pfn pfn) {
  Frame& frame = mm.system().phys().frame(pfn);
  FL_CHECK(frame.mapcount > 0);
  --frame.mapcount;
  RssOf(mm, frame) -= PageCount(1);
}

}  // namespace faultline::mm
