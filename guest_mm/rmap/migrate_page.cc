#include "guest_mm/rmap/migrate_page.h"

#include <memory>

#include "guest_mm/file/mapping.h"
#include "guest_mm/rmap/migration.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

class Migration {
 public:
  Migration(MemoryManager& system, Pfn old)
      : system_(system),
        phys_(system.phys()),
        old_(old),
        page_(phys_.frame(old)),
        // folio_get_anon_vma().
        anon_vma_(page_.use == FrameUse::kAnon && page_.mapcount > 0
                      ? page_.anon_vma->Hold()
                      : nullptr) {}

  // To `to`, locked and new.
  ErrnoOr<Done> Run(Pfn to) {
    const Lru list = page_.lru;
    phys_.lru().Remove(old_);
    TryToUnmap(system_, old_, {.ignore_mlock = true}, MigrationEntry);
    Scheduler::PointIfActive(kMigrateUnmappedPoint);
    const bool alone =
        page_.mapcount == 0 &&
        page_.refcount == 1 + CacheReferences(page_) + InSwapCache(page_);
    if (!alone) {
      RemoveMarks(page_.mapping, old_);
      phys_.lru().Add(old_, ListAgain(page_, list));
      return Errno::kEAGAIN;
    }
    Mapping* const mapping = page_.mapping;
    Copy(to);
    if (mapping != nullptr) {
      mapping->MovePage(old_, to);
    }
    if (InSwapCache(page_)) {
      system_.swap().MoveCached(old_, to);
    }
    RemoveMarks(mapping, to);
    phys_.lru().Add(to, ListAgain(phys_.frame(to), list));
    return kDone;
  }

 private:
  // migrate_folio_done(), folio_migrate_flags().
  void Copy(Pfn to) {
    Frame& page = phys_.frame(to);
    phys_.CopyPage(to, old_);
    page.uptodate = page_.uptodate;
    page.swap_backed = page_.swap_backed;
    page.referenced = page_.referenced;
    page.dirty = page_.dirty;
    page.anon_vma = page_.anon_vma;
    page.index = page_.index;
    page_.dirty = false;
  }

  void RemoveMarks(Mapping* mapping, Pfn to) {
    if (anon_vma_ != nullptr) {
      ReadGuard guard(anon_vma_->lock());
      RemoveMigrationEntriesTo(*anon_vma_, system_, old_, to);
    } else if (mapping != nullptr) {
      LockGuard guard(mapping->i_mmap_lock());
      RemoveMigrationEntriesTo(*mapping, system_, old_, to);
    }
  }

  MemoryManager& system_;
  PhysMem& phys_;
  const Pfn old_;
  Frame& page_;
  const std::shared_ptr<AnonVma> anon_vma_;
};

}  // namespace

ErrnoOr<Done> MigratePage(MemoryManager& system,
                          Pfn old) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  PhysMem& phys = system.phys();
  Frame& page = phys.frame(old);
  page.lock.AssertHeld();
  if (page.lru == Lru::kNone) {
    return Errno::kEBUSY;
  }
  FL_ASSIGN(const Pfn to, phys.Allocate(page.use == FrameUse::kAnon
                                            ? AllocPurpose::kAnon
                                            : AllocPurpose::kPageCache));
  phys.frame(to).lock.AcquireNew();
  // Allocating has let others run.
  const ErrnoOr<Done> moved = page.lru == Lru::kNone
                                  ? ErrnoOr<Done>(Errno::kEBUSY)
                                  : Migration(system, old).Run(to);
  phys.frame(to).lock.Release();
  system.swap().PutPage(to);  // entries and caches have theirs
  VmCounters& counters = system.counters();
  ++(moved.ok() ? counters.migrate_success : counters.migrate_fail);
  return moved;
}

}  // namespace faultline::mm
