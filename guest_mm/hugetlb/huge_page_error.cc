#include "guest_mm/hugetlb/huge_page_error.h"

#include <vector>

#include "absl/functional/function_ref.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/hugetlb_file.h"
#include "guest_mm/hugetlb/rmap.h"
#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/rmap/migrate_page.h"
#include "guest_mm/rmap/migration.h"
#include "guest_mm/rmap/rmap_walk.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

// One huge page, which no fault can bring in or take out meanwhile: its fault
// mutex and its own lock are held.
class HugePage {
 public:
  HugePage(MemoryManager& system, const HugePagePlace& place, Pfn head)
      : system_(system),
        phys_(system.phys()),
        file_(*place.file->hugetlb()),
        mapping_(place.file->mapping()),
        index_(place.index),
        head_(head),
        mutex_(file_.FaultMutex(index_)),
        lock_(phys_.frame(head).lock) {}

  HugetlbFile& file() { return file_; }
  Frame& folio() { return phys_.frame(head_); }
  bool of_file() { return folio().mapping != nullptr; }
  // It is still what was found there.
  bool InPlace() {
    return !of_file() || (folio().mapping == &mapping_ &&
                          folio().index >> file_.pool().order() == index_);
  }

  using Visitor = absl::FunctionRef<void(Vma&, const EntryRef&, const Entry&)>;
  // Each entry that maps it, under the lock of its table; i_mmap_lock is held.
  void ForEachEntryLocked(Visitor visit) {
    ForEachLocked([](const Entry& e) { return e.present() && e.counted(); },
                  visit);
  }
  // Each mark that stands for such an entry.
  void ForEachMarkLocked(Visitor visit) {
    ForEachLocked(
        [](const Entry& e) { return e.kind == EntryKind::kMigration; }, visit);
  }
  void ForEachLocked(absl::FunctionRef<bool(const Entry&)> wanted,
                     Visitor visit) {
    const HugePagePool& pool = file_.pool();
    RmapWalkLocked(mapping_, {index_ << pool.order(), 1},
                   [&](Vma& vma, GuestRange range) {
                     PageTable& table = vma.mm->page_table();
                     const EntryRef r = table.Find(range.start, pool.level());
                     if (r) {
                       LockGuard guard(table.LockOf(r));
                       const Entry e = table.Get(r);
                       if (wanted(e) && e.pfn() == head_) {
                         visit(vma, r, e);
                       }
                     }
                     return true;
                   });
  }

  // Takes the entry away: `instead` is there from now on.
  void Unmap(Vma& vma, const EntryRef& r, Entry instead) {
    vma.mm->page_table().Set(r, instead);
    FlushTlb(*vma.mm, GuestRange::At(r.address, file_.pool().bytes()));
    RemoveHugetlbRmap(*vma.mm, folio());
    phys_.Put(head_);
  }

  // And gives it back, to this page or the one that it has become.
  void MapAgain(Vma& vma, const EntryRef& r, const Entry& mark, Pfn page) {
    Frame& frame = phys_.frame(page);
    phys_.Get(page);
    AddHugetlbRmap(*vma.mm, frame);
    frame.anon_exclusive = mark.flags.has(EntryFlag::kExclusive);
    const EntryFlags rights = system_.arch().PageFlags(vma.prot());
    const EntryFlags flags =
        rights.set(EntryFlag::kWrite, mark.write()) |
        (mark.flags.without(EntryFlag::kWrite).without(EntryFlag::kExclusive));
    vma.mm->page_table().Set(r, Entry::Page(page, flags));
  }

  Mapping& mapping() { return mapping_; }
  Pfn head() const { return head_; }

 private:
  MemoryManager& system_;
  PhysMem& phys_;
  HugetlbFile& file_;
  Mapping& mapping_;
  const uint64_t index_;
  const Pfn head_;
  LockGuard mutex_;
  LockGuard lock_;
};

struct Victim {
  std::shared_ptr<AddressSpace> mm;
  GuestAddr address;
};

// What a page that moves had, besides its bytes.
void CopyState(Frame& from, Frame& to) {
  to.uptodate = from.uptodate;
  to.dirty = from.dirty;
  to.anon_vma = from.anon_vma;
  to.index = from.index;
  to.restore_reserve = from.restore_reserve;
  from.restore_reserve = false;
}

// Something else may have been mapped there since the page was found.
bool IsHuge(const HugePagePlace& place) {
  return place.file != nullptr && place.file->hugetlb() != nullptr;
}

// Nobody but its entries, its file and the caller has it.
bool Movable(const Frame& folio) {
  return folio.refcount ==
         1 + FolioMapcount(folio) + (folio.mapping != nullptr ? 1 : 0);
}

// migrate_huge_page_move_mapping(): to `to`, for good.
void Become(HugePage& page, MemoryManager& system, Pfn to) {
  PhysMem& phys = system.phys();
  const HugePagePool& pool = page.file().pool();
  phys.CopyBlock(to, page.head(), pool.order());
  CopyState(page.folio(), phys.frame(to));
  page.file().hugetlb().MoveSubpool(page.head(), to);
  if (page.of_file()) {
    page.file().Replace(page.folio().index >> pool.order(), to);
  }
}

// unmap_and_move_huge_page(). Marks stand for the entries meanwhile, so that a
// fork copies what is to come back. False, with all as it was: somebody has
// come by the page since it was found. i_mmap_lock is held.
bool Migrate(HugePage& page, MemoryManager& system, Pfn to) {
  page.ForEachEntryLocked([&](Vma& vma, const EntryRef& r, const Entry& e) {
    page.Unmap(
        vma, r,
        MigrationEntry({vma, r.address, page.head(), e,
                        !page.of_file() && page.folio().anon_exclusive}));
  });
  Scheduler::PointIfActive(kMigrateUnmappedPoint);
  const bool moves = FolioMapcount(page.folio()) == 0 &&
                     Movable(page.folio()) && page.InPlace();
  if (moves) {
    Become(page, system, to);
  }
  page.ForEachMarkLocked([&](Vma& vma, const EntryRef& r, const Entry& mark) {
    page.MapAgain(vma, r, mark, moves ? to : page.head());
  });
  return moves;
}

}  // namespace

ErrnoOr<Done> PoisonHugePage(MemoryManager& system, const HugePagePlace& place,
                             Pfn bad, MemoryErrorReport report) {
  if (!IsHuge(place)) {
    return Errno::kEFAULT;
  }
  const Pfn head = system.phys().HeadOf(bad);
  std::vector<Victim> victims;
  {
    HugePage page(system, place, head);
    if (page.folio().has_hw_poisoned || !page.InPlace()) {
      return Errno::kEFAULT;
    }
    page.folio().has_hw_poisoned = true;
    system.phys().frame(bad).hw_poisoned = true;
    if (page.of_file()) {
      system.phys().Get(head);  // for ever: it never comes back to the pool
    }
    LockGuard guard(page.mapping().i_mmap_lock());
    page.ForEachEntryLocked([&](Vma& vma, const EntryRef& r, const Entry&) {
      const bool known = !victims.empty() && victims.back().mm.get() == vma.mm;
      if (std::shared_ptr<AddressSpace> mm = vma.mm->weak_from_this().lock();
          mm != nullptr && !known) {
        victims.push_back({std::move(mm), r.address});
      }
      page.Unmap(vma, r, Entry{EntryKind::kHwPoison, {}, head.value()});
    });
  }
  const uint64_t offset = (bad.value() - head.value())
                          << system.page_shift().value();
  for (const Victim& v : victims) {
    report(*v.mm, v.address + offset, place.file->hugetlb()->pool().shift());
  }
  return kDone;
}

ErrnoOr<Done> SoftOfflineHugePage(MemoryManager& system,
                                  const HugePagePlace& place, Pfn bad) {
  if (!IsHuge(place)) {
    return Errno::kEBUSY;
  }
  PhysMem& phys = system.phys();
  const Pfn head = phys.HeadOf(bad);
  HugePage page(system, place, head);
  if (page.folio().has_hw_poisoned) {
    return kDone;  // it goes anyway
  }
  LockGuard guard(page.mapping().i_mmap_lock());
  if (!Movable(page.folio()) || !page.InPlace()) {
    return Errno::kEBUSY;
  }
  HugePagePool& pool = page.file().pool();
  std::optional<Pfn> to = pool.Take(HugePagePool::For::kAnyone);
  if (!to.has_value()) {
    to = pool.TakeNew();
  }
  if (!to.has_value()) {
    return Errno::kEBUSY;
  }
  const bool moved = Migrate(page, system, *to);
  phys.Put(*to);  // entries and file have theirs
  if (!moved) {
    ++system.counters().migrate_fail;
    return Errno::kEBUSY;
  }
  page.folio().has_hw_poisoned = true;
  phys.frame(bad).hw_poisoned = true;
  system.counters().migrate_success += pool.pages().value();
  return kDone;
}

}  // namespace faultline::mm
