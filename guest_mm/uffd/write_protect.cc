#include "guest_mm/uffd/write_protect.h"

#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

// One VMA after the other, as far as they are armed.
ErrnoOr<Done> ProtectLocked(AddressSpace& mm, GuestRange range,
                            UffdProtection how) {
  Vma* v = mm.vmas().FindAtOrAbove(range.start);
  Errno result = Errno::kENOENT;
  for (; v != nullptr && v->range.start < range.end; v = mm.vmas().Next(*v)) {
    if (!UffdWp(*v)) {
      return Errno::kENOENT;
    }
    const int64_t changed =
        ChangeUffdWp(mm, *v, v->range.Intersect(range), how);
    if (changed < 0) {
      return Errno(-changed);
    }
    result = Errno::kOk;
  }
  if (result != Errno::kOk) {
    return result;
  }
  return kDone;
}

}  // namespace

ErrnoOr<Done> UffdWriteProtect(UffdContext& ctx, GuestRange range,
                               UffdProtection how) {
  const std::shared_ptr<AddressSpace> mm = ctx.mm();
  if (mm == nullptr) {
    return Errno::kESRCH;
  }
  ReadGuard guard(mm->mmap_lock());
  ReadGuard changing(ctx.map_changing_lock());
  if (ctx.mmap_changing()) {
    return Errno::kEAGAIN;
  }
  return ProtectLocked(*mm, range, how);
}

}  // namespace faultline::mm
