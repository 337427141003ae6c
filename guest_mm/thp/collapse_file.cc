#include "guest_mm/thp/collapse_file.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "guest_mm/file/mapping.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/try_to_unmap.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/collapse_pte_mapped.h"
#include "guest_mm/thp/retract_page_tables.h"

namespace faultline::mm {
namespace {

class FileCollapser {
 public:
  FileCollapser(MemoryManager& system, Mapping& mapping, uint64_t first)
      : system_(system),
        phys_(system.phys()),
        mapping_(mapping),
        shmem_(mapping.kind() == Mapping::Kind::kShmem),
        first_(first),
        end_(first + system.arch().geometry().HugePages()) {}

  // hpage_collapse_scan_file(): a look without locks.
  ScanResult Scan(CollapseBy by) const {
    const KhugepagedSettings& limits = system_.thp().khugepaged;
    ThpCounters& counters = system_.thp().counters;
    const bool limited = by == CollapseBy::kKhugepaged;
    if (limited &&
        mapping_.SwappedIn(first_, end_).value() > limits.max_ptes_swap) {
      ++counters.scan_exceed_swap_pte;
      return ScanResult::kExceedSwapPte;
    }
    uint64_t present = 0;
    for (auto page = mapping_.pages().NextFrom(first_);
         page && page->index < end_;
         page = mapping_.pages().NextFrom(page->index + 1)) {
      const Frame& folio = phys_.folio(page->pfn);
      if (folio.order > 0) {  // there are no sizes between
        return ScanResult::kPteMappedHugepage;
      }
      if (folio.lru == Lru::kNone) {
        return ScanResult::kPageLru;
      }
      if (folio.refcount != folio.mapcount + CacheReferences(folio)) {
        return ScanResult::kPageCount;
      }
      ++present;
    }
    if (limited && present + limits.max_ptes_none < end_ - first_) {
      ++counters.scan_exceed_none_pte;
      return ScanResult::kExceedNonePte;
    }
    return ScanResult::kSucceed;
  }

  // collapse_file(), once there is a folio: `huge`, new and ours. Its reference
  // is still ours then.
  ScanResult Run(Pfn huge) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    Frame& folio = phys_.frame(huge);
    folio.lock.AcquireNew();
    ScanResult result = IsolateAll();
    if (result == ScanResult::kSucceed) {
      Scheduler::PointIfActive(kFileIsolatedPoint);
      result = Copy(huge);
    }
    if (result == ScanResult::kSucceed) {
      Scheduler::PointIfActive(kFileCopiedPoint);
      result = Replace(huge);
    }
    if (result == ScanResult::kSucceed) {
      Scheduler::PointIfActive(kFileReplacedPoint);
      RetractPageTables(system_, mapping_, first_);
    }
    folio.lock.Release();
    LetGo(result);
    return result;
  }

 private:
  struct Page {
    uint64_t index;
    Pfn pfn;
    Lru list;
  };

  ScanResult IsolateAll() {
    for (uint64_t index = first_; index < end_; ++index) {
      if (IsHole(index)) {
        if (index == first_ &&
            mapping_.NextPage(first_).value_or(end_) >= end_) {
          return ScanResult::kTruncated;
        }
        ++holes_;
        continue;
      }
      const ScanResult result = IsolatePage(index);
      if (result != ScanResult::kSucceed) {
        return result;
      }
    }
    return ScanResult::kSucceed;
  }

  // Of other files an absent page is not a hole, but to be read; there is none
  // beyond the end.
  bool IsHole(uint64_t index) const {
    return shmem_ && mapping_.Find(index) == nullptr &&
           !mapping_.SwapSlotOf(index).has_value();
  }

  ScanResult IsolatePage(uint64_t index) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    Pfn pfn;
    ScanResult result = LockPage(index, &pfn);
    if (result != ScanResult::kSucceed) {
      return result;
    }
    Frame& page = phys_.folio(pfn);
    result = Suitable(page);
    const Lru list = page.lru;
    if (result == ScanResult::kSucceed) {
      phys_.lru().Remove(pfn);
      if (page.mapcount > 0) {
        (void)TryToUnmap(system_, pfn, {.ignore_mlock = true},
                         [](const UnmappedEntry&) { return Entry::None(); });
      }
      // But for the cache's only we have one: who comes now comes by the cache,
      // and waits for the lock.
      if (page.refcount != 1 + CacheReferences(page)) {
        phys_.lru().Add(pfn, ListAgain(page, list));
        result = ScanResult::kPageCount;
      }
    }
    if (result != ScanResult::kSucceed) {
      page.lock.Release();
      phys_.Put(pfn);
      return result;
    }
    pages_.push_back({index, pfn, list});
    return ScanResult::kSucceed;
  }

  // With a reference.
  ScanResult LockPage(uint64_t index, Pfn* pfn) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    const Pfn* const found = mapping_.Find(index);
    if (found == nullptr && !shmem_ &&
        index << phys_.page_shift().value() >= mapping_.size()) {
      return ScanResult::kFail;
    }
    if (found == nullptr || !phys_.folio(*found).uptodate) {
      // In swap, or made by fallocate() and not used since.
      const ErrnoOr<Pfn> read = mapping_.FindOrCreate(index);
      if (!read.ok()) {
        return ScanResult::kFail;
      }
      *pfn = *read;
      phys_.folio(*pfn).lock.Acquire();
      return ScanResult::kSucceed;
    }
    *pfn = *found;
    if (!phys_.folio(*pfn).lock.TryAcquire()) {
      return ScanResult::kPageLocked;
    }
    phys_.Get(*pfn);
    return ScanResult::kSucceed;
  }

  ScanResult Suitable(const Frame& page) {
    if (!page.uptodate) {
      return ScanResult::kFail;
    }
    if (page.order > 0) {
      return ScanResult::kPteMappedHugepage;
    }
    if (page.mapping != &mapping_) {
      return ScanResult::kTruncated;
    }
    if (!shmem_ && page.dirty) {
      write_back_ = true;  // it is clean when we come again
      return ScanResult::kFail;
    }
    return page.lru == Lru::kNone ? ScanResult::kDelPageLru
                                  : ScanResult::kSucceed;
  }

  ScanResult Copy(Pfn huge) {
    const uint64_t bytes = phys_.page_shift().bytes();
    uint64_t index = first_;
    const auto clear_up_to = [&](uint64_t to) {
      for (; index < to; ++index) {
        const Pfn pfn = huge + (index - first_);
        if (!phys_.frame(pfn).zeroed) {
          std::memset(phys_.Data(pfn), 0, bytes);
        }
      }
    };
    for (const Page& page : pages_) {
      clear_up_to(page.index);
      if (phys_.frame(page.pfn).hw_poisoned) {
        return ScanResult::kCopyMc;
      }
      phys_.CopyPage(huge + (index - first_), page.pfn);
      ++index;
    }
    clear_up_to(end_);
    return ScanResult::kSucceed;
  }

  ScanResult Replace(Pfn huge) {
    LockGuard guard(mapping_.i_mmap_lock());
    uint64_t holes = 0;
    for (uint64_t index = first_; index < end_; ++index) {
      holes += IsHole(index) ? 1 : 0;
    }
    if (holes != holes_) {
      return ScanResult::kPageFilled;
    }
    if (holes > 0 && MissingIsWatched()) {
      return ScanResult::kExceedNonePte;
    }
    if (!shmem_ && mapping_.open_for_writing()) {
      return ScanResult::kFail;  // opened meanwhile
    }
    return mapping_.Replace(first_, huge) ? ScanResult::kSucceed
                                          : ScanResult::kFail;
  }

  // A handler of userfaultfd's may expect to be asked for the holes.
  bool MissingIsWatched() const {
    return std::any_of(
        mapping_.vmas().begin(), mapping_.vmas().end(), [&](const auto& item) {
          const Vma& vma = *item.second;
          const uint64_t pages = vma.range.Pages(phys_.page_shift()).value();
          return vma.has(VmaFlag::kUffdMissing) && vma.pgoff < end_ &&
                 vma.pgoff + pages > first_;
        });
  }

  // Replaced pages go; the others stand again where they stood.
  void LetGo(ScanResult result) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    for (const Page& page : pages_) {
      Frame& frame = phys_.frame(page.pfn);
      if (result != ScanResult::kSucceed) {
        phys_.lru().Add(page.pfn, ListAgain(frame, page.list));
      }
      frame.lock.Release();
      phys_.Put(page.pfn);
    }
    pages_.clear();
    if (write_back_) {
      (void)mapping_.WriteBack(0, mapping_.size());
    }
  }

  MemoryManager& system_;
  PhysMem& phys_;
  Mapping& mapping_;
  const bool shmem_;
  const uint64_t first_, end_;
  std::vector<Page> pages_;  // locked, off the lists, with a reference each
  uint64_t holes_ = 0;
  bool write_back_ = false;  // a dirty page was in the way
};

ScanResult AllocateAndRun(MemoryManager& system, FileCollapser& collapser) {
  ThpCounters& counters = system.thp().counters;
  const ErrnoOr<Pfn> huge = system.phys().Allocate(
      AllocPurpose::kHugeFileCollapse, system.arch().geometry().HugeOrder());
  if (!huge.ok()) {
    ++counters.collapse_alloc_failed;
    return ScanResult::kAllocHugePageFail;
  }
  ++counters.collapse_alloc;
  const ScanResult result = collapser.Run(*huge);
  system.phys().Put(*huge);
  return result;
}

ScanResult MapFound(AddressSpace& mm, GuestAddr a, InstallHuge install) {
  if (mm.system().behaviours().collapse_uffd() == CollapseUffd::kMmapWrite) {
    WriteGuard guard(mm.mmap_lock());
    return CollapsePteMapped(mm, a, install);
  }
  ReadGuard guard(mm.mmap_lock());
  return CollapsePteMapped(mm, a, install);
}

}  // namespace

ScanResult CollapseFile(AddressSpace& mm, Vma& vma, GuestAddr a, CollapseBy by,
                        bool* locked) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const std::shared_ptr<MappedFile> file = vma.file;
  const uint64_t first = vma.PageIndex(a, mm.page_shift());
  mm.mmap_lock().ReadRelease();
  *locked = false;
  FileCollapser collapser(mm.system(), file->mapping(), first);
  ScanResult result = collapser.Scan(by);
  NoteScan(mm, "scan_file", a, by, result);
  if (result == ScanResult::kSucceed) {
    result = AllocateAndRun(mm.system(), collapser);
    NoteScan(mm, "collapse_file", a, by, result);
    if (result == ScanResult::kSucceed && by == CollapseBy::kMadvise) {
      result = ScanResult::kPteMappedHugepage;
    }
  }
  if (result != ScanResult::kPteMappedHugepage) {
    return result;
  }
  result = MapFound(mm, a,
                    by == CollapseBy::kMadvise ? InstallHuge::kMap
                                               : InstallHuge::kLeaveEmpty);
  NoteScan(mm, "collapse_pte_mapped", a, by, result);
  return result == ScanResult::kPmdMapped ? ScanResult::kSucceed : result;
}

}  // namespace faultline::mm
