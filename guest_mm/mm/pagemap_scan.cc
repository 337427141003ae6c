#include "guest_mm/mm/pagemap_scan.h"

#include <algorithm>

#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/uffd/write_protect.h"

namespace faultline::mm {
namespace {

class Scanner {
 public:
  Scanner(AddressSpace& mm, const PagemapScan& scan)
      : mm_(mm), scan_(scan), gather_(mm) {
    result_.walk_end = scan.range.end;
  }

  // False: it has stopped. kEPERM.
  // pagemap_scan_test_walk().
  ErrnoOr<bool> Scan(Vma& vma) {
    const bool wp_allowed = UffdIsWpAsync(vma) && UffdUsesMarkers(vma);
    if (!wp_allowed && (scan_.flags & kScanCheckWpAsync) != 0) {
      return Errno::kEPERM;
    }
    vma_category_ = (wp_allowed ? kPageIsWpAllowed : 0) |
                    (vma.has(VmaFlag::kSoftDirty) ? kPageIsSoftDirty : 0);
    if ((!wp_allowed && protects()) || vma.has(VmaFlag::kPfnMap) ||
        !VmaMatches()) {
      return true;
    }
    vma_ = &vma;
    const GuestRange part = vma.range.Intersect(scan_.range);
    const bool finished = vma.hugetlb() ? ScanHugetlb(part) : ScanPages(part);
    if (error_ != Errno::kOk) {
      return error_;
    }
    return finished;
  }

  PagemapScanResult Take() { return std::move(result_); }

 private:
  bool protects() const { return (scan_.flags & kScanWpMatching) != 0; }

  bool ScanPages(GuestRange part) {
    GuestAddr at = part.start;
    const bool finished =
        WalkSpans(mm_.page_table(), part, [&](const EntrySpan& span) {
          const GuestRange covered = span.range().Intersect(part);
          if (!ScanHole({at, covered.start})) {
            return false;
          }
          at = covered.end;
          return span.huge() ? ScanHuge(span, covered)
                             : ScanTable(span, covered);
        });
    return finished && ScanHole({at, part.end});
  }

  // walk_hugetlb_range(): page by page.
  bool ScanHugetlb(GuestRange part) {
    const HugePagePool& pool = vma_->file->hugetlb()->pool();
    GuestRange covered{part.start, part.start};
    while (covered.end < part.end) {
      const GuestAddr page = covered.end.AlignDown(pool.bytes());
      covered = {covered.end, std::min(page + pool.bytes(), part.end)};
      const EntryRef ref = mm_.page_table().Find(page, pool.level());
      if (!(ref ? ScanHugetlbPage(ref, covered, pool.bytes())
                : ScanHole(covered))) {
        return false;
      }
    }
    return true;
  }

  // Places without a table (pagemap_scan_pte_hole()). Where userfaultfd
  // protects they count as written, as empty places in tables do.
  bool ScanHole(GuestRange range) {
    const bool written = UffdWp(*vma_) && !vma_->hugetlb();
    const uint64_t is = vma_category_ | (written ? kPageIsWritten : 0);
    if (range.empty() || !PageMatches(is)) {
      return true;
    }
    GuestAddr reported = range.end;
    const bool more = Report(range, is, &reported);
    if (protects() && reported > range.start) {
      const int64_t changed =
          ChangeUffdWp(mm_, *vma_, InWholePages({range.start, reported}),
                       UffdProtection::kProtect);
      if (changed < 0) {
        error_ = Errno(-changed);
        return false;
      }
    }
    return more;
  }

  // Huge pages of a pool are protected whole, even for a part.
  GuestRange InWholePages(GuestRange range) const {
    if (!vma_->hugetlb()) {
      return range;
    }
    const uint64_t bytes = vma_->file->hugetlb()->pool().bytes();
    return {range.start.AlignDown(bytes), range.end.AlignUp(bytes)};
  }

  // pagemap_scan_hugetlb_entry(). What is not to be protected whole is not told
  // of either, and yet the scan goes on: only walk_end says so.
  bool ScanHugetlbPage(const EntryRef& ref, GuestRange covered,
                       uint64_t bytes) {
    const uint64_t is = vma_category_ | Category(ref);
    GuestAddr reported = covered.end;
    const bool more = Report(covered, is, &reported);
    if (!protects() || reported == covered.start || !PageMatches(is) ||
        (is & kPageIsWritten) == 0) {
      return more;
    }
    if (reported < covered.start + bytes) {
      TakeBack({covered.start, reported});
      result_.walk_end = covered.start;
      result_.full = false;
      return true;
    }
    Protect(ref, bytes);
    return more;
  }

  // pagemap_scan_thp_entry(). Of a part, only a table can tell.
  bool ScanHuge(const EntrySpan& span, GuestRange covered) {
    const uint64_t is = vma_category_ | Category(span.first);
    const bool protect =
        protects() && PageMatches(is) && (is & kPageIsWritten) != 0;
    const bool fits = (scan_.max_pages - result_.pages) >=
                      covered.Pages(mm_.page_shift()).value();
    if (protect && (!span.whole || !fits)) {
      SplitHugePmd(mm_, *vma_, span.first.address);
      return true;  // the walk goes on in its table
    }
    const bool more = Report(covered, is);
    if (protect && !stopped_before_) {
      Protect(span.first, span.entry_bytes);
    }
    return more;
  }

  bool ScanTable(const EntrySpan& span, GuestRange covered) {
    for (uint64_t i = 0; i < span.count; ++i) {
      const EntryRef ref = span[i];
      const GuestRange page =
          GuestRange::At(ref.address, span.entry_bytes).Intersect(covered);
      const uint64_t is = vma_category_ | Category(ref);
      const bool more = Report(page, is);
      if (protects() && !stopped_before_ && PageMatches(is) &&
          (is & kPageIsWritten) != 0) {
        Protect(ref, span.entry_bytes);
      }
      if (!more) {
        return false;
      }
    }
    return true;
  }

  // make_uffd_wp_pte(), make_uffd_wp_pmd().
  void Protect(const EntryRef& ref, uint64_t bytes) {
    PageTable& table = mm_.page_table();
    LockGuard guard(table.LockOf(ref));
    Entry e = *ref.word == 0 ? Entry::None() : table.Get(ref);
    if (e.none()) {
      table.Set(ref, Entry::Marker(kMarkerUffdWp));
      return;
    }
    if (e.kind != EntryKind::kPage && e.kind != EntryKind::kSwap &&
        e.kind != EntryKind::kMigration) {
      return;
    }
    if (e.write()) {
      gather_.Add(GuestRange::At(ref.address, bytes));
    }
    e.flags = e.flags.with(EntryFlag::kUffdWp);
    if (e.present()) {
      e.flags = e.flags.without(EntryFlag::kWrite);
    }
    table.Set(ref, e);
  }

  // pagemap_page_category(), pagemap_thp_category().
  uint64_t Category(const EntryRef& ref) const {
    const Entry e = *ref.word == 0 ? Entry::None() : mm_.page_table().Get(ref);
    uint64_t is = ref.level > 0 ? kPageIsHuge : 0;
    // Linux looks at the write-protection bit alone, of empty places in tables
    // too; but not of hugetlb's.
    if (e.none()) {
      return is | (ref.level > 0 ? 0 : kPageIsWritten);
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
  // `*reported` is where the part that was told of ends.
  bool Report(GuestRange range, uint64_t is, GuestAddr* reported = nullptr) {
    stopped_before_ = false;
    if (range.empty() || scan_.max_regions == 0 || !PageMatches(is)) {
      return true;
    }
    const PageShift shift = mm_.page_shift();
    const uint64_t left = scan_.max_pages - result_.pages;
    const uint64_t pages = std::min(range.Pages(shift).value(), left);
    const bool enough = pages < range.Pages(shift).value();
    range.end = range.start + (pages << shift.value());
    stopped_before_ = range.empty();
    if (!range.empty() && !Push(range, is & scan_.returned)) {
      stopped_before_ = true;
      range.end = range.start;
    }
    if (reported != nullptr) {
      *reported = range.end;
    }
    if (range.empty()) {
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

  // pagemap_scan_backout_range(): `range` was reported last.
  void TakeBack(GuestRange range) {
    if (scan_.max_regions == 0) {
      return;
    }
    PageRegion& last = result_.regions.back();
    last.end = range.start.value();
    if (last.start == last.end) {
      result_.regions.pop_back();
    }
    result_.pages -= range.Pages(mm_.page_shift()).value();
  }

  bool StopAt(GuestAddr at) {
    result_.walk_end = at;
    result_.full = true;
    return false;
  }

  AddressSpace& mm_;
  const PagemapScan& scan_;
  Vma* vma_ = nullptr;
  uint64_t vma_category_ = 0;
  bool stopped_before_ = false;  // what was last looked at is left out
  Errno error_ = Errno::kOk;
  TlbGather gather_;  // flushes once, at the end
  PagemapScanResult result_;
};

ErrnoOr<Done> ScanVmas(AddressSpace& mm, GuestRange range, Scanner& scanner) {
  Vma* v = mm.vmas().FindAtOrAbove(range.start);
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
