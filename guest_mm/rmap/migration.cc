#include "guest_mm/rmap/migration.h"

#include <cstring>

#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"

namespace faultline::mm {
namespace {

constexpr EntryFlags kKept = EntryFlag::kYoung | EntryFlag::kDirty |
                             EntryFlag::kSoftDirty | EntryFlag::kUffdWp;

// remove_migration_pte(): rights are the VMA's of today.
void Restore(Vma& vma, const EntryRef& r, const Entry& mark, Pfn to) {
  AddressSpace& mm = *vma.mm;
  PhysMem& phys = mm.system().phys();
  EntryFlags flags = PageProt(mm.system().arch(), vma) | (mark.flags & kKept);
  if (mark.write()) {
    flags = flags.with(EntryFlag::kWrite);
  }
  const bool exclusive = mark.write() || mark.flags.has(EntryFlag::kExclusive);
  phys.Get(to);
  RestoreRmap(mm, to, exclusive);
  MlockVmaPage(vma, to);
  mm.page_table().Set(r, Entry::Page(to, flags));
}

// For either kind of lists.
template <typename Lists>
void RestoreAll(Lists& lists, MemoryManager& system, Pfn from, Pfn to) {
  RmapWalkLocked(lists, {system.phys().frame(from).index, 1},
                 [&](Vma& vma, GuestRange range) {
                   return VisitEntries(
                       vma, range, from, 1, Seek::kMigration,
                       [&](const EntryRef& r, const Entry& mark) {
                         Restore(vma, r, mark, to);
                         return true;
                       });
                 });
  system.migration_wait().WakeAll();
}

// try_to_map_unused_to_zeropage(). False: the page is needed.
bool MapZeroPage(Vma& vma, const EntryRef& r, const Entry& mark) {
  AddressSpace& mm = *vma.mm;
  PhysMem& phys = mm.system().phys();
  const Frame& page = phys.frame(mark.pfn());
  const std::byte* const bytes = phys.Data(mark.pfn());
  // All bytes are equal, and the first is zero.
  // The zero page has no tags to keep.
  if (page.order > 0 || page.tagged || vma.has(VmaFlag::kLocked) ||
      bytes[0] != std::byte{} ||
      std::memcmp(bytes, bytes + 1, mm.page_shift().bytes() - 1) != 0) {
    return false;
  }
  constexpr EntryFlags kMarks =
      EntryFlag::kSoftDirty | EntryFlags(EntryFlag::kUffdWp);
  const EntryFlags flags =
      PageProt(mm.system().arch(), vma).with(EntryFlag::kSpecial) |
      (mark.flags & kMarks);
  mm.page_table().Set(r, Entry::Page(mm.system().zero_page(), flags));
  RssOf(mm, page) -= PageCount(1);
  return true;
}

}  // namespace

Entry MigrationEntry(const UnmappedEntry& from) {
  const EntryFlags flags = (from.entry.flags & (kKept | EntryFlag::kWrite))
                               .set(EntryFlag::kExclusive, from.exclusive);
  return {EntryKind::kMigration, flags, from.page.value()};
}

void RemoveMigrationEntries(AnonVma& anon_vma, MemoryManager& system,
                            FolioSpan span, Pfn first, PagesOfZeros zeros) {
  RmapWalkLocked(anon_vma, span, [&](Vma& vma, GuestRange range) {
    return VisitEntries(
        vma, range, first, span.pages, Seek::kMigration,
        [&](const EntryRef& r, const Entry& mark) {
          if (zeros == PagesOfZeros::kKept || !MapZeroPage(vma, r, mark)) {
            Restore(vma, r, mark, mark.pfn());
          }
          return true;
        });
  });
  system.migration_wait().WakeAll();
}

void RemoveMigrationEntriesTo(AnonVma& anon_vma, MemoryManager& system,
                              Pfn from, Pfn to) {
  RestoreAll(anon_vma, system, from, to);
}

void RemoveMigrationEntriesTo(Mapping& mapping, MemoryManager& system, Pfn from,
                              Pfn to) {
  RestoreAll(mapping, system, from, to);
}

}  // namespace faultline::mm
