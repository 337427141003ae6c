#include <algorithm>
#include <optional>

#include "guest_mm/calls/calls.h"
#include "guest_mm/file/mapping.h"

namespace faultline::mm {
namespace {

bool InSwapCacheUptodate(AddressSpace& mm, SwapSlot slot) {
  const std::optional<Pfn> pfn = mm.system().swap().Cached(slot);
  return pfn.has_value() && mm.system().phys().frame(*pfn).uptodate;
}

// The guest is its files' owner, so mincore shows the page cache too.
bool InPageCache(AddressSpace& mm, const Vma& v, GuestAddr a) {
  if (v.anonymous()) {
    return false;
  }
  const Mapping& mapping = v.file->mapping();
  const uint64_t index = v.PageIndex(a, mm.page_shift());
  if (const std::optional<SwapSlot> slot = mapping.SwapSlotOf(index)) {
    return InSwapCacheUptodate(mm, *slot);
  }
  const Pfn* found = mapping.Find(index);
  return found != nullptr && mm.system().phys().folio(*found).uptodate;
}

void Look(AddressSpace& mm, const Vma& v, GuestRange range,
          absl::Span<uint8_t> out) {
  const PageShift shift = mm.page_shift();
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = InPageCache(mm, v, range.start + (uint64_t{i} << shift.value()));
  }
  mm.page_table().ForEach(range, [&](const EntryRef& ref, const Entry& e) {
    // A huge page above level 0 covers many pages, perhaps beyond the range.
    const uint64_t bytes = mm.system().arch().geometry().EntryBytes(ref.level);
    const GuestRange covered =
        GuestRange::At(ref.address, bytes).Intersect(range);
    // What moves or is poisoned is in memory; what is swapped out is not, but
    // for a copy in the swap cache.
    const bool resident = e.present() || e.kind == EntryKind::kMigration ||
                          e.kind == EntryKind::kHwPoison ||
                          (e.swap() && InSwapCacheUptodate(mm, e.slot()));
    for (GuestAddr a = covered.start; a < covered.end; a += shift.bytes()) {
      if (resident || e.swap()) {
        out[(a - range.start) >> shift.value()] = resident;
      }
    }
    return true;
  });
}

}  // namespace

ErrnoOr<Done> Mincore(AddressSpace& mm, GuestAddr start, uint64_t length,
                      absl::Span<uint8_t> out) {
  const PageShift shift = mm.page_shift();
  const uint64_t user_end = mm.system().arch().layout().user_end.value();
  if (!start.IsPageAligned(shift)) {
    return Errno::kEINVAL;
  }
  if (length > user_end || start.value() > user_end - length) {
    return Errno::kENOMEM;
  }
  const GuestRange range{start, (start + length).PageUp(shift)};
  GuestAddr at = range.start;
  while (at < range.end) {
    // A page of answers at a time, the lock dropped in between, as Linux.
    const GuestRange chunk{
        at, std::min(range.end, at + (shift.bytes() << shift.value()))};
    ReadGuard guard(mm.mmap_lock());
    while (at < chunk.end) {
      const Vma* v = mm.vmas().Find(at);
      if (v == nullptr) {
        return Errno::kENOMEM;
      }
      const GuestRange part = GuestRange{at, chunk.end}.Intersect(v->range);
      Look(mm, *v, part,
           out.subspan((at - start) >> shift.value(),
                       part.Pages(shift).value()));
      at = part.end;
    }
  }
  return kDone;
}

}  // namespace faultline::mm
