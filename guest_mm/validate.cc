#include "guest_mm/validate.h"

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "guest_mm/base/check.h"
#include "guest_mm/base/invariant.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {
namespace {

// The entries that lead to a frame.
struct Found {
  int32_t base = 0;   // those that map this page
  int32_t whole = 0;  // those that map the folio it is the head of
};

void CheckPage(const Frame& folio, const Frame& page, Found found) {
  const bool tail = page.use == FrameUse::kTail;
  FL_INVARIANT(page.mapcount == found.base,
               "a page's mapcount is the number of entries that lead to it");
  FL_INVARIANT(tail ? found.whole == 0 : page.entire_mapcount == found.whole,
               "a folio's mapcount is the number of entries that map it whole");
  FL_INVARIANT(folio.refcount >= FolioMapcount(folio),
               "whoever maps a page holds a reference to it");
  // Mapped whole, the head's mark speaks for all pages, and for one entry.
  FL_INVARIANT(
      !page.anon_exclusive || (IsAnon(folio) && found.base + found.whole <= 1),
      "an exclusive page is mapped by one entry at most");
}

void CountMapped(const Frame& folio, ThpMapped* mapped) {
  const PageCount pages(uint64_t{1} << folio.order);
  (folio.use == FrameUse::kAnon ? mapped->anon
   : folio.swap_backed          ? mapped->shmem
                                : mapped->file) += pages;
}

// Every slot's count is the number of entries that hold it, or it is a shmem
// file's: those count one each, and are as many as the files say.
void ValidateSwap(const SwapArea& swap,
                  const absl::flat_hash_map<uint64_t, uint32_t>& entries) {
  swap.Validate();
  size_t of_entries = 0;
  PageCount of_files;
  swap.ForEachUsed([&](SwapSlot slot, uint32_t count) {
    const auto it = entries.find(slot.value());
    if (it == entries.end()) {
      FL_CHECK(count == 1);
      of_files += PageCount(1);
    } else {
      FL_CHECK(it->second == count);
      ++of_entries;
    }
  });
  FL_CHECK(of_entries == entries.size());
  FL_CHECK(of_files == swap.of_files());
}

// The pools against their pages, and what is reserved against who has reserved
// it: files that are mapped, and private mappings of those who made them. (Of a
// file that nobody maps nothing is known here, nor of a mount's minimum.)
void ValidateHugetlb(MemoryManager& system,
                     absl::Span<const AddressSpace* const> spaces) {
  system.hugetlb().Validate();
  absl::flat_hash_set<HugetlbFile*> files;
  absl::flat_hash_map<const HugePagePool*, uint64_t> reserved;
  for (const AddressSpace* const space : spaces) {
    for (const Vma& v : space->vmas()) {
      HugetlbFile* const file = v.hugetlb() ? v.file->hugetlb() : nullptr;
      if (file == nullptr || file->subpool() != nullptr) {
        continue;
      }
      files.insert(file);
      if (OwnsReservation(v)) {
        const uint64_t from = HugeIndex(v, v.range.start);
        const uint64_t to = HugeIndex(v, v.range.end);
        reserved[&file->pool()] += v.hugetlb_share->used_up.Missing(from, to);
      }
    }
  }
  for (HugetlbFile* const file : files) {
    file->Validate();
    reserved[&file->pool()] +=
        file->reserved().Count(0, ~uint64_t{0}) - file->cached();
  }
  for (const auto& pool : system.hugetlb().pools()) {
    FL_CHECK(pool->reserved() >= reserved[pool.get()]);
  }
}

}  // namespace

void ValidateAll(MemoryManager& system,
                 absl::Span<const AddressSpace* const> spaces, PageCount held) {
  PhysMem& phys = system.phys();
  phys.Validate();
  const GuestRange user{GuestAddr(0), system.arch().layout().user_end};
  absl::flat_hash_map<uint64_t, Found> entries;  // by frame
  absl::flat_hash_set<const Mapping*> mappings;
  absl::flat_hash_map<uint64_t, uint32_t> slots;  // entries by swap slot
  PageCount tables, charged, references;
  for (const AddressSpace* const space : spaces) {
    space->page_table().Validate();
    space->Validate();
    tables += space->page_table().tables();
    for (const Vma& v : space->vmas()) {
      if (v.has(VmaFlag::kAccount)) {
        charged += v.range.Pages(system.page_shift());
      }
    }
    space->page_table().ForEach(user, [&](const EntryRef& ref, const Entry& e) {
      if (e.counted()) {
        Found& found = entries[e.payload];
        ++(ref.level > 0 ? found.whole : found.base);
      } else if (e.swap()) {
        ++slots[e.payload];
      }
      return true;
    });
  }
  FL_INVARIANT(tables == phys.used(FrameUse::kPageTable),
               "every page table is in a tree");
  FL_CHECK(system.committed() >= charged);  // shmem is charged besides
  ThpMapped mapped;
  ThpCached cached_huge;
  phys.ForEachFrame([&](Pfn pfn, const Frame& f) {
    if (f.use == FrameUse::kFree) {
      return;
    }
    const auto it = entries.find(pfn.value());
    const Found found = it == entries.end() ? Found() : it->second;
    const Frame& folio = phys.folio(pfn);
    CheckPage(folio, f, found);
    if (found.whole > 0 && folio.use != FrameUse::kHugeTlb) {
      CountMapped(folio, &mapped);
    }
    if (f.use == FrameUse::kAnon) {
      const int32_t cache = InSwapCache(folio) ? 1 : 0;
      references +=
          PageCount(uint64_t(folio.refcount - FolioMapcount(folio) - cache));
      // Else nothing leads to it, and nothing will free it. Who zaps the entry
      // of a page that somebody has locked leaves it in the swap cache, for
      // reclaim (free_page_and_swap_cache()).
      FL_CHECK(cache == 0 || FolioMapcount(folio) > 0 ||
               folio.lru != Lru::kNone ||
               system.swap().count(folio.swap_slot) > 0);
    }
    if (f.use == FrameUse::kPageCache && f.mapping != nullptr) {
      // The cache's own reference; readers and pipes may hold more.
      FL_CHECK(folio.refcount >= FolioMapcount(folio) + CacheReferences(folio));
      const Pfn* const cached = f.mapping->Find(f.index);
      FL_CHECK(cached != nullptr && *cached == pfn);
      if (folio.order > 0) {
        (folio.swap_backed ? cached_huge.shmem : cached_huge.file) +=
            PageCount(uint64_t{1} << folio.order);
      }
      mappings.insert(f.mapping);
    }
    entries.erase(pfn.value());
  });
  const ThpMapped& counted = system.thp().mapped;
  FL_INVARIANT(mapped.anon == counted.anon && mapped.shmem == counted.shmem &&
                   mapped.file == counted.file,
               "as many huge pages are mapped as are counted");
  const ThpCached& cached = system.thp().cached;
  FL_CHECK(cached_huge.shmem == cached.shmem &&
           cached_huge.file == cached.file);
  FL_INVARIANT(references == held,
               "every reference to an anonymous page has somebody to drop it");
  for (const Mapping* const mapping : mappings) {
    mapping->Validate();
  }
  ValidateSwap(system.swap(), slots);
  ValidateHugetlb(system, spaces);
  FL_INVARIANT(entries.empty(), "no entry leads to a free frame");
}

}  // namespace faultline::mm
