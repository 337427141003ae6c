#include "guest_mm/uffd/write_protect.h"

#include <algorithm>

#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

// One VMA after the other, as far as they are armed.
ErrnoOr<Done> ProtectLocked(AddressSpace& mm, GuestRange range,
                            UffdProtection how, UffdWpReport* report) {
  Vma* v = mm.vmas().FindAtOrAbove(range.start);
  Errno result = Errno::kENOENT;
  GuestRange rest = range;
  const auto fail = [&](Errno error) {
    if (report != nullptr) {
      report->not_protected += rest.size();
    }
    return error;
  };
  for (; v != nullptr && v->range.start < range.end; v = mm.vmas().Next(*v)) {
    if (report != nullptr) {  // if it ends here
      rest = {std::max(range.start, v->range.start), range.end};
    }
    if (!UffdWp(*v)) {
      return fail(Errno::kENOENT);
    }
    if (v->hugetlb() &&
        !(IsHugeAligned(*v, range.start) && IsHugeAligned(*v, range.end))) {
      return fail(Errno::kEINVAL);
    }
    const GuestRange part = v->range.Intersect(range);
    const int64_t changed = ChangeUffdWp(mm, *v, part, how, report);
    if (changed < 0) {
      rest.start = part.end;  // of the part it has told itself
      return fail(Errno(-changed));
    }
    result = Errno::kOk;
  }
  if (result != Errno::kOk) {
    return fail(result);
  }
  return kDone;
}

}  // namespace

ErrnoOr<Done> UffdWriteProtect(UffdContext& ctx, GuestRange range,
                               UffdProtection how, UffdWpReport* report) {
  const std::shared_ptr<AddressSpace> mm = ctx.mm();
  if (mm == nullptr) {
    return Errno::kESRCH;
  }
  ReadGuard guard(mm->mmap_lock());
  ReadGuard changing(ctx.map_changing_lock());
  if (ctx.mmap_changing()) {
    return Errno::kEAGAIN;
  }
  return ProtectLocked(*mm, range, how, report);
}

}  // namespace faultline::mm
