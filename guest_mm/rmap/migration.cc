#include "guest_mm/rmap/migration.h"

#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/rmap.h"

namespace faultline::mm {
namespace {

constexpr EntryFlag kKept[] = {EntryFlag::kYoung, EntryFlag::kDirty,
                               EntryFlag::kSoftDirty, EntryFlag::kUffdWp};

// remove_migration_pte(): rights are the VMA's of today.
void Restore(Vma& vma, const EntryRef& r, const Entry& mark) {
  AddressSpace& mm = *vma.mm;
  PhysMem& phys = mm.system().phys();
  EntryFlags flags = PageProt(mm.system().arch(), vma);
  for (const EntryFlag flag : kKept) {
    flags = flags.set(flag, mark.flags.has(flag));
  }
  if (mark.write()) {
    flags = flags.with(EntryFlag::kWrite);
  }
  const bool exclusive = mark.write() || mark.flags.has(EntryFlag::kExclusive);
  phys.Get(mark.pfn());
  RestoreRmap(mm, mark.pfn(), exclusive);
  mm.page_table().Set(r, Entry::Page(mark.pfn(), flags));
}

}  // namespace

Entry MigrationEntry(const UnmappedEntry& from) {
  EntryFlags flags;
  for (const EntryFlag flag : kKept) {
    flags = flags.set(flag, from.entry.flags.has(flag));
  }
  flags = flags.set(EntryFlag::kWrite, from.entry.write())
              .set(EntryFlag::kExclusive, from.exclusive);
  return {EntryKind::kMigration, flags, from.page.value()};
}

void RemoveMigrationEntries(AnonVma& anon_vma, MemoryManager& system,
                            FolioSpan span, Pfn first) {
  RmapWalkLocked(anon_vma, span, [&](Vma& vma, GuestRange range) {
    return VisitEntries(vma, range, first, span.pages, Seek::kMigration,
                        [&](const EntryRef& r, const Entry& mark) {
                          Restore(vma, r, mark);
                          return true;
                        });
  });
  system.migration_wait().WakeAll();
}

}  // namespace faultline::mm
