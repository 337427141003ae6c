#include "guest_mm/thp/collapse_table.h"

#include <algorithm>
#include <cstring>

#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {

CollapseTable::CollapseTable(AddressSpace& mm, Vma& vma, GuestAddr a, Pfn table,
                             CollapseBy by)
    : mm_(mm),
      vma_(vma),
      address_(a),
      table_(table),
      by_(by),
      entries_(mm.system().arch().geometry().HugePages()) {}

Lock& CollapseTable::lock() const {
  return mm_.system().phys().frame(table_).lock;
}

Entry CollapseTable::EntryAt(uint64_t i) const {
  const uint64_t word = mm_.system().phys().Words(table_)[i];
  return word == 0 ? Entry::None() : mm_.system().arch().Decode(0, word);
}

ScanResult CollapseTable::Scan() { return LookAt(Look::kScan); }

ScanResult CollapseTable::Isolate() {
  const ScanResult result = LookAt(Look::kIsolate);
  if (result != ScanResult::kSucceed) {
    Unlock();
  }
  return result;
}

ScanResult CollapseTable::LookAt(Look look) {
  none_or_zero_ = absent_ = shared_ = referenced_ = 0;
  writable_ = false;
  for (uint64_t i = 0; i < entries_; ++i) {
    const ScanResult result = LookAtEntry(EntryAt(i), look);
    if (result != ScanResult::kSucceed) {
      return result;
    }
  }
  if (!writable_ && mm_.system().behaviours().collapse_read_only() ==
                        CollapseReadOnly::kRefused) {
    return ScanResult::kPageRo;
  }
  const bool in_use =
      referenced_ > 0 && (absent_ == 0 || referenced_ >= entries_ / 2);
  return by_ == CollapseBy::kMadvise || in_use
             ? ScanResult::kSucceed
             : ScanResult::kLackReferencedPage;
}

// The limits are khugepaged's alone.
bool CollapseTable::TooMany(uint64_t found, uint64_t limit) const {
  return by_ == CollapseBy::kKhugepaged && found > limit;
}

// The first look counts whatever is neither empty nor there (is_swap_pte());
// what is no page in swap, the collapse trips over when it wants it in memory.
ScanResult CollapseTable::LookAtAbsent(const Entry& e, Look look) {
  ThpState& thp = mm_.system().thp();
  if (look == Look::kIsolate) {
    return ScanResult::kPteNonPresent;
  }
  if (TooMany(++absent_, thp.khugepaged.max_ptes_swap)) {
    ++thp.counters.scan_exceed_swap_pte;
    return ScanResult::kExceedSwapPte;
  }
  return e.flags.has(EntryFlag::kUffdWp) || e.marker(kMarkerUffdWp)
             ? ScanResult::kPteUffdWp
             : ScanResult::kSucceed;
}

ScanResult CollapseTable::LookAtEntry(const Entry& e, Look look) {
  ThpState& thp = mm_.system().thp();
  if (e.none() || (e.present() && e.special())) {
    if (UffdArmed(vma_) ||
        TooMany(++none_or_zero_, thp.khugepaged.max_ptes_none)) {
      ++thp.counters.scan_exceed_none_pte;
      return ScanResult::kExceedNonePte;
    }
    return ScanResult::kSucceed;
  }
  if (!e.present()) {
    return LookAtAbsent(e, look);
  }
  if (e.flags.has(EntryFlag::kUffdWp)) {
    return ScanResult::kPteUffdWp;
  }
  const ScanResult result = LookAtPage(e.pfn(), look);
  if (result == ScanResult::kSucceed) {
    writable_ |= e.write();
    const Frame& folio = mm_.system().phys().folio(e.pfn());
    referenced_ += e.young() || folio.referenced ? 1 : 0;
  }
  return result;
}

ScanResult CollapseTable::LookAtPage(Pfn pfn,
                                     Look look) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  ThpState& thp = mm_.system().thp();
  Frame& folio = mm_.system().phys().folio(pfn);
  if (folio.use != FrameUse::kAnon) {
    return ScanResult::kPageAnon;
  }
  if (LikelyMappedShared(folio) &&
      TooMany(++shared_, thp.khugepaged.max_ptes_shared)) {
    ++thp.counters.scan_exceed_share_pte;
    return ScanResult::kExceedSharedPte;
  }
  const Pfn head = mm_.system().phys().HeadOf(pfn);
  if (look == Look::kIsolate && large_locked_.contains(head)) {
    return ScanResult::kSucceed;
  }
  if (look == Look::kScan ? folio.lock.locked() : !folio.lock.TryAcquire()) {
    return ScanResult::kPageLocked;
  }
  if (look == Look::kIsolate) {
    locked_.push_back(head);
    if (folio.order > 0) {
      large_locked_.insert(head);
    }
  }
  // A pin's holder goes on using the page that it knows. Swap knows the page by
  // its slot; the slot is forgotten with the last entry.
  const int32_t known = FolioMapcount(folio) + (InSwapCache(folio) ? 1 : 0);
  if (folio.refcount != known) {
    return ScanResult::kPageCount;
  }
  if (folio.lru == Lru::kNone) {  // reclaim looks at it
    return look == Look::kScan ? ScanResult::kPageLru : ScanResult::kDelPageLru;
  }
  return ScanResult::kSucceed;
}

void CollapseTable::Unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (const Pfn head : locked_) {
    mm_.system().phys().frame(head).lock.Release();
  }
  locked_.clear();
  large_locked_.clear();
}

void CollapseTable::Copy(Pfn huge) const {
  PhysMem& phys = mm_.system().phys();
  const uint64_t bytes = mm_.page_shift().bytes();
  for (uint64_t i = 0; i < entries_; ++i) {
    const Entry e = EntryAt(i);
    if (e.counted()) {
      phys.CopyPage(huge + i, e.pfn());
    } else if (!phys.frame(huge + i).zeroed) {
      std::memset(phys.Data(huge + i), 0, bytes);
    }
  }
}

void CollapseTable::Clear() {
  PageTable& table = mm_.page_table();
  EntryRef r{0, table_, mm_.system().phys().Words(table_), address_};
  for (uint64_t i = 0; i < entries_; ++i) {
    const Entry e = EntryAt(i);
    if (!e.none()) {
      table.Set(r, Entry::None());
    }
    if (e.counted()) {
      MunlockVmaFolio(vma_, e.pfn());
      RemoveRmap(mm_, e.pfn());
      gone_.push_back(e.pfn());
    }
    ++r.word;
    r.address += mm_.page_shift().bytes();
  }
}

void CollapseTable::PutPages() {
  for (const Pfn pfn : gone_) {
    mm_.system().swap().PutPage(pfn);
  }
  gone_.clear();
}

}  // namespace faultline::mm
