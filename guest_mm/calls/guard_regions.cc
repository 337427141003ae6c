#include "guest_mm/calls/guard_regions.h"

#include <algorithm>

#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// MAX_MADVISE_GUARD_RETRIES.
constexpr int kMaxTries = 3;

// is_valid_guard_vma().
constexpr VmaFlags kNeverGuarded = VmaFlag::kIo | VmaFlag::kPfnMap |
                                   VmaFlag::kDontExpand |
                                   VmaFlags(VmaFlag::kHugeTlb);

enum class Marked : uint8_t { kAll, kInUse, kTableGone };

// Marks the empty entries of `part`, all under one table, if none is in use.
Marked MarkTable(PageTable& table, EntryRef entry, GuestRange part) {
  const uint64_t page = table.arch().geometry().page_shift.bytes();
  const TableLock guard(table, entry);
  if (!guard) {
    return Marked::kTableGone;
  }
  for (GuestAddr a = part.start; a < part.end; a += page) {
    entry.address = a;
    const Entry e = table.Get(entry);
    if (e.none()) {
      table.Set(entry, Entry::Marker(kMarkerGuard));
    } else if (!e.marker(kMarkerGuard)) {
      return Marked::kInUse;
    }
    ++entry.word;
  }
  return Marked::kAll;
}

// guard_install_walk_ops. False: something is mapped, and must go first.
ErrnoOr<bool> MarkAll(PageTable& table, GuestRange part) {
  const uint64_t reach = table.arch().geometry().EntryBytes(1);
  for (GuestAddr a = part.start; a < part.end;) {
    const GuestAddr next = std::min(a.AlignDown(reach) + reach, part.end);
    const ErrnoOr<EntryRef> entry = table.FindOrAllocate(a, 0);
    if (!entry.ok()) {
      return entry.error() == Errno::kEEXIST ? ErrnoOr<bool>(false)
                                             : entry.error();
    }
    const Marked marked = MarkTable(table, *entry, {a, next});
    if (marked == Marked::kInUse) {
      return false;
    }
    a = marked == Marked::kAll ? next : a;
  }
  return true;
}

}  // namespace

ErrnoOr<Done> InstallGuards(AddressSpace& mm, Vma& vma, GuestRange part) {
  if (vma.flags.any(kNeverGuarded | VmaFlags(VmaFlag::kLocked))) {
    return Errno::kEINVAL;
  }
  // fork copies tables only of those who have an AnonVma, or the flag. With
  // that, anonymous memory has both, as all that has tables.
  const bool flag =
      mm.system().behaviours().guard_mark() == GuardMark::kVmaFlag;
  if (!flag || vma.anonymous()) {
    FL_TRY(PrepareAnonVma(vma));
  }
  if (flag) {
    mm.vmas().SetFlagsInPlace(vma, vma.flags | VmaFlag::kMaybeGuard);
  }
  for (int i = 0; i < kMaxTries; ++i) {
    FL_ASSIGN(const bool marked, MarkAll(mm.page_table(), part));
    if (marked) {
      return kDone;
    }
    ZapRange(mm, vma, part);  // leaves the markers made so far
  }
  return Errno::kERESTARTNOINTR;
}

ErrnoOr<Done> RemoveGuards(AddressSpace& mm, Vma& vma, GuestRange part) {
  if (vma.flags.any(kNeverGuarded)) {
    return Errno::kEINVAL;
  }
  PageTable& table = mm.page_table();
  table.ForEach(part, [&](const EntryRef& ref, const Entry& seen) {
    if (seen.marker(kMarkerGuard)) {
      LockGuard guard(table.LockOf(ref));
      if (table.Get(ref) == seen) {
        table.Set(ref, Entry::None());
      }
    }
    return true;
  });
  return kDone;
}

}  // namespace faultline::mm
