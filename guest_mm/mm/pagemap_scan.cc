#include "guest_mm/mm/pagemap_scan.h"

#include <algorithm>

#include "guest_mm/pgtable/walk.h"

namespace faultline::mm {
namespace {

class Scanner {
 public:
  Scanner(AddressSpace& mm, const PagemapScan& scan) : mm_(mm), scan_(scan) {
    result_.walk_end = scan.range.end;
  }

  // False: it has stopped. kEPERM.
  ErrnoOr<bool> Scan(const Vma& vma) {
    // No mapping can be write-protected asynchronously yet.
    if ((scan_.flags & kScanCheckWpAsync) != 0) {
      return Errno::kEPERM;
    }
    vma_category_ = vma.has(VmaFlag::kSoftDirty) ? kPageIsSoftDirty : 0;
    if ((scan_.flags & kScanWpMatching) != 0 || vma.has(VmaFlag::kPfnMap) ||
        !VmaMatches()) {
      return true;
    }
    const GuestRange part = vma.range.Intersect(scan_.range);
    GuestAddr at = part.start;
    const bool finished =
        WalkSpans(mm_.page_table(), part, [&](const EntrySpan& span) {
          const GuestRange covered = span.range().Intersect(part);
          if (!Report({at, covered.start}, vma_category_)) {
            return false;
          }
          at = covered.end;
          return span.huge()
                     ? Report(covered, vma_category_ | Category(span.first))
                     : ScanTable(span, covered);
        });
    return finished && Report({at, part.end}, vma_category_);
  }

  PagemapScanResult Take() { return std::move(result_); }

 private:
  bool ScanTable(const EntrySpan& span, GuestRange covered) {
    for (uint64_t i = 0; i < span.count; ++i) {
      const EntryRef ref = span[i];
      const GuestRange page =
          GuestRange::At(ref.address, span.entry_bytes).Intersect(covered);
      if (!Report(page, vma_category_ | Category(ref))) {
        return false;
      }
    }
    return true;
  }

  // pagemap_page_category(), pagemap_thp_category().
  uint64_t Category(const EntryRef& ref) const {
    const Entry e = *ref.word == 0 ? Entry::None() : mm_.page_table().Get(ref);
    uint64_t is = ref.level > 0 ? kPageIsHuge : 0;
    // Linux looks at the write-protection bit alone, of empty places in tables
    // too.
    if (e.none()) {
      return is | kPageIsWritten;
    }
    const bool protected_by_uffd =
        e.flags.has(EntryFlag::kUffdWp) || e.marker(kMarkerUffdWp);
    is |= protected_by_uffd ? 0 : kPageIsWritten;
    is |= e.flags.has(EntryFlag::kSoftDirty) ? kPageIsSoftDirty : 0;
    if (!e.present()) {
      return is | kPageIsSwapped | (e.marker(kMarkerGuard) ? kPageIsGuard : 0);
    }
    is |= kPageIsPresent;
    if (e.special()) {
      return is | kPageIsPfnZero;
    }
    const bool file = !IsAnon(mm_.system().phys().folio(e.pfn()));
    return is | (file ? kPageIsFile : 0);
  }

  // pagemap_scan_is_interesting_vma(), ..._page().
  bool VmaMatches() const {
    const uint64_t required = scan_.mask & kPageIsWpAllowed;
    return ((vma_category_ ^ scan_.inverted) & required) == required;
  }
  bool PageMatches(uint64_t is) const {
    is ^= scan_.inverted;
    return (is & scan_.mask) == scan_.mask &&
           (scan_.anyof == 0 || (is & scan_.anyof) != 0);
  }

  // pagemap_scan_output(), pagemap_scan_push_range(). False: stop.
  bool Report(GuestRange range, uint64_t is) {
    if (range.empty() || scan_.max_regions == 0 || !PageMatches(is)) {
      return true;
    }
    const PageShift shift = mm_.page_shift();
    const uint64_t left = scan_.max_pages - result_.pages;
    const uint64_t pages = std::min(range.Pages(shift).value(), left);
    const bool enough = pages < range.Pages(shift).value();
    range.end = range.start + (pages << shift.value());
    if (!range.empty() && !Push(range, is & scan_.returned)) {
      return StopAt(range.start);
    }
    result_.pages += pages;
    return enough ? StopAt(range.end) : true;
  }

  bool Push(GuestRange range, uint64_t categories) {
    std::vector<PageRegion>& regions = result_.regions;
    if (!regions.empty() && regions.back().end == range.start.value() &&
        regions.back().categories == categories) {
      regions.back().end = range.end.value();
      return true;
    }
    if (regions.size() == scan_.max_regions) {
      return false;
    }
    regions.push_back({range.start.value(), range.end.value(), categories});
    return true;
  }

  bool StopAt(GuestAddr at) {
    result_.walk_end = at;
    result_.full = true;
    return false;
  }

  AddressSpace& mm_;
  const PagemapScan& scan_;
  uint64_t vma_category_ = 0;
  PagemapScanResult result_;
};

ErrnoOr<Done> ScanVmas(const AddressSpace& mm, GuestRange range,
                       Scanner& scanner) {
  const Vma* v = mm.vmas().FindAtOrAbove(range.start);
  for (; v != nullptr && v->range.start < range.end; v = mm.vmas().Next(*v)) {
    FL_ASSIGN(const bool go_on, scanner.Scan(*v));
    if (!go_on) {
      break;
    }
  }
  return kDone;
}

}  // namespace

ErrnoOr<PagemapScanResult> ScanPagemap(
    AddressSpace& mm, const PagemapScan& scan) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!mm.mmap_lock().ReadAcquireKillable()) {
    return Errno::kEINTR;
  }
  Scanner scanner(mm, scan);
  const ErrnoOr<Done> done = ScanVmas(mm, scan.range, scanner);
  mm.mmap_lock().ReadRelease();
  if (!done.ok()) {
    return done.error();
  }
  return scanner.Take();
}

}  // namespace faultline::mm
