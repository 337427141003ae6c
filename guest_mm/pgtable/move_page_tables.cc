// mremap's part in the page tables. Linux: mm/mremap.c move_page_tables(),
// move_ptes().

#include <algorithm>

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/hugetlb_range.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/uffd/events.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// take_rmap_locks(): a walk from a page to its entries would miss those that
// are on their way from a VMA it has not come to yet to one it has left. (Linux
// spares itself this where the order of the walk makes it safe.)
class RmapLocks {
 public:
  explicit RmapLocks(Vma& vma) ABSL_NO_THREAD_SAFETY_ANALYSIS : vma_(vma) {
    if (vma_.file != nullptr) {
      vma_.file->mapping().i_mmap_lock().Acquire();
    }
    if (vma_.anon_vma != nullptr) {
      vma_.anon_vma->lock().WriteAcquire();
    }
  }
  ~RmapLocks() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (vma_.anon_vma != nullptr) {
      vma_.anon_vma->lock().WriteRelease();
    }
    if (vma_.file != nullptr) {
      vma_.file->mapping().i_mmap_lock().Release();
    }
  }
  RmapLocks(const RmapLocks&) = delete;
  RmapLocks& operator=(const RmapLocks&) = delete;

 private:
  Vma& vma_;
};

// Who watches the new place must learn of what came there
// (move_soft_dirty_pte()).
Entry SoftDirtied(const ArchOps& arch, Entry e) {
  const bool page = e.present() || e.kind == EntryKind::kSwap ||
                    e.kind == EntryKind::kMigration;
  if (page && arch.geometry().soft_dirty) {
    e.flags = e.flags.with(EntryFlag::kSoftDirty);
  }
  return e;
}

// What comes to the new place. Without its event, userfaultfd lets go of the
// memory, and of what it protected (clear_uffd_wp_pte()).
Entry Moved(const Vma& vma, Entry e) {
  if (UffdForgetsOnMove(vma)) {
    e.flags = e.flags.without(EntryFlag::kUffdWp);
    if (e.marker(kMarkerUffdWp)) {
      return Entry::None();
    }
  }
  return SoftDirtied(vma.mm->system().arch(), e);
}

// Moves the entries of `bytes` that lie under one table each. The flush comes
// before the locks are dropped: from then on the page can be unmapped and
// freed through its new address, while stale translations of the old one
// would still lead to it.
// False: one of the tables was taken away while we waited.
bool MoveEntries(AddressSpace& mm, Vma& vma, EntryRef from, EntryRef to,
                 uint64_t bytes) {
  PageTable& table = mm.page_table();
  const TablePin from_pin(table, from.table);
  const TablePin to_pin(table, to.table);
  const uint64_t page = mm.page_shift().bytes();
  TlbGather gather(mm);
  const RmapLocks rmap(vma);
  const TwoTableLocks guard(table.LockOf(from), table.LockOf(to));
  if (!StillInTree(table, from) || !table.InTree(to)) {
    return false;
  }
  for (uint64_t done = 0; done < bytes; done += page) {
    const Entry e = *from.word == 0 ? Entry::None() : table.Get(from);
    if (!e.none()) {
      FL_DCHECK(*to.word == 0);
      table.Set(from, Entry::None());
      table.Set(to, Moved(vma, e));
      if (e.present()) {
        gather.Add(GuestRange::At(from.address, page));
      }
    }
    ++from.word;
    ++to.word;
    from.address += page;
    to.address += page;
  }
  gather.FlushNow();
  return true;
}

// move_huge_pmd(): the entry goes over whole, and its spare table with it.
// False: no huge page was there after all. kENOMEM.
ErrnoOr<bool> MoveHuge(AddressSpace& mm, Vma& vma, GuestAddr from_address,
                       GuestAddr to_address) {
  PageTable& table = mm.page_table();
  FL_ASSIGN(const EntryRef to,
            table.FindOrAllocate(to_address, PagingGeometry::kHugeLevel));
  const EntryRef from = table.Find(from_address, PagingGeometry::kHugeLevel);
  TlbGather gather(mm);
  const RmapLocks rmap(vma);
  const TwoTableLocks guard(table.LockOf(from), table.LockOf(to));
  const Entry e = table.Get(from);
  // The place to move to may hold a table that an unmapping left empty.
  const bool moved = e.present() && *to.word == 0;
  if (moved) {
    table.Set(from, Entry::None());
    table.Set(to, Moved(vma, e));
    if (mm.system().phys().folio(e.pfn()).use != FrameUse::kPageCache) {
      table.Deposit(to, table.Withdraw(from));
    }
    gather.Add(GuestRange::At(from.address,
                              mm.system().arch().geometry().HugeBytes()));
    gather.FlushNow();
  }
  return moved;
}

bool IsHuge(const PageTable& table, GuestAddr a) {
  const EntryRef r = table.Find(a, PagingGeometry::kHugeLevel);
  return r && table.Get(r).present();
}

}  // namespace

uint64_t MovePageTables(AddressSpace& mm, Vma& vma, GuestRange from,
                        GuestAddr to) {
  if (vma.hugetlb()) {
    return MoveHugetlbEntries(vma, from, to);
  }
  PageTable& table = mm.page_table();
  const uint64_t reach = mm.system().arch().geometry().EntryBytes(1);
  uint64_t done = 0;
  while (done < from.size()) {
    const GuestAddr old_address = from.start + done;
    const GuestAddr new_address = to + done;
    const uint64_t extent = std::min(
        {from.size() - done, reach - (old_address.value() & (reach - 1)),
         reach - (new_address.value() & (reach - 1))});
    if (IsHuge(table, old_address)) {
      if (extent == reach) {
        const ErrnoOr<bool> moved = MoveHuge(mm, vma, old_address, new_address);
        if (!moved.ok()) {
          break;
        }
        if (*moved) {
          done += extent;
          continue;
        }
      }
      SplitHugePmd(mm, vma, old_address);
    }
    const EntryRef old_entry = table.Find(old_address, 0);
    if (old_entry) {  // be it empty: how much is in it, nobody asks
      const ErrnoOr<EntryRef> new_entry = table.FindOrAllocate(new_address, 0);
      if (!new_entry.ok()) {
        break;
      }
      // Making it may have let others in.
      const EntryRef from_entry = table.Find(old_address, 0);
      if (!from_entry ||
          !MoveEntries(mm, vma, from_entry, *new_entry, extent)) {
        continue;
      }
    }
    done += extent;
  }
  return done;
}

}  // namespace faultline::mm
