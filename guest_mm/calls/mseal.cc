// mseal. Linux: mm/mseal.c.

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"

namespace faultline::mm {
namespace {

// check_mm_seal(): all of it must be mapped, or nothing is sealed.
bool WhollyMapped(const AddressSpace& mm, GuestRange range) {
  for (GuestAddr at = range.start; at < range.end;) {
    const Vma* const v = mm.vmas().Find(at);
    if (v == nullptr) {
      return false;
    }
    at = v->range.end;
  }
  return true;
}

ErrnoOr<Done> Seal(AddressSpace& mm, GuestRange range) {
  if (!WhollyMapped(mm, range)) {
    return Errno::kENOMEM;
  }
  for (GuestAddr at = range.start; at < range.end;) {
    Vma& v = *mm.vmas().Find(at);
    const GuestRange part = GuestRange{at, range.end}.Intersect(v.range);
    if (!v.has(VmaFlag::kSealed)) {
      FL_TRY(mm.vmas().ModifyFlags(v, part, v.flags | VmaFlag::kSealed));
    }
    at = part.end;
  }
  return kDone;
}

}  // namespace

ErrnoOr<Done> Mseal(AddressSpace& mm, GuestAddr start, uint64_t length,
                    uint64_t flags) {
  const uint64_t rounded = GuestAddr(length).PageUp(mm.page_shift()).value();
  const GuestRange range = GuestRange::At(start, rounded);
  if (flags != 0 || !start.IsPageAligned(mm.page_shift()) ||
      (length != 0 && rounded == 0) || range.end < range.start) {
    return Errno::kEINVAL;
  }
  if (range.empty()) {
    return kDone;
  }
  return UnderWriteLock(mm, [&] { return Seal(mm, range); });
}

}  // namespace faultline::mm
