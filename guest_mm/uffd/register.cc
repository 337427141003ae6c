#include "guest_mm/uffd/register.h"

#include <algorithm>
#include <memory>

#include "guest_mm/base/check.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/uffd/write_protect.h"

namespace faultline::mm {
namespace {

VmaFlags FlagsOf(uint64_t modes) {
  return VmaFlags()
      .set(VmaFlag::kUffdMissing, (modes & kUffdModeMissing) != 0)
      .set(VmaFlag::kUffdWp, (modes & kUffdModeWp) != 0)
      .set(VmaFlag::kUffdMinor, (modes & kUffdModeMinor) != 0);
}

// The first VMA of `range`; null: there is none, or the range is empty.
Vma* FirstIn(AddressSpace& mm, GuestRange range) {
  if (range.empty()) {
    return nullptr;
  }
  Vma* const v = mm.vmas().FindAtOrAbove(range.start);
  return v != nullptr && v->range.start < range.end ? v : nullptr;
}

// vma_can_userfault(), for `modes` out of kUffdModes.
bool CanUserfault(const Vma& v, VmaFlags modes, bool wp_async) {
  const VmaFlags wanted = modes & kUffdModes;
  const BehaviourSet& rules = v.mm->system().behaviours();
  const bool markers = (UffdKnownFeatures(rules) & kUffdWpHugetlbfsShmem) != 0;
  if (wanted.has(VmaFlag::kUffdWp) && !v.anonymous() && !markers) {
    return false;
  }
  const bool droppable =
      v.mm->system().behaviours().uffd_droppable() == UffdDroppable::kAllowed;
  if ((v.has(VmaFlag::kDroppable) && !droppable) ||
      (wanted.has(VmaFlag::kUffdMinor) && !v.hugetlb() && !IsShmem(v))) {
    return false;
  }
  // Noting stores needs nothing of what is mapped.
  return (wp_async && wanted == VmaFlags(VmaFlag::kUffdWp)) || v.anonymous() ||
         v.hugetlb() || IsShmem(v);
}

// Huge pages of a pool are watched whole: does the range end in `v` at the end
// of one?
bool EndsWell(const Vma& v, GuestRange range) {
  return !v.hugetlb() || range.end > v.range.end || IsHugeAligned(v, range.end);
}

ErrnoOr<Done> JudgeRegister(const UffdContext& ctx, const Vma& v,
                            GuestRange range, VmaFlags modes) {
  if (!CanUserfault(v, modes, ctx.Has(kUffdWpAsync))) {
    return Errno::kEINVAL;
  }
  // UFFDIO_COPY fills holes of a file whatever PROT_WRITE says, so the right to
  // write to it must be there.
  if (!v.has(VmaFlag::kMayWrite)) {
    return Errno::kEPERM;
  }
  if (!EndsWell(v, range)) {
    return Errno::kEINVAL;
  }
  if (v.uffd != nullptr && v.uffd.get() != &ctx) {
    return Errno::kEBUSY;
  }
  return kDone;
}

// The part `range` of `v` gets context and modes; the VMA that now covers it.
ErrnoOr<Vma*> Arm(AddressSpace& mm, Vma& v, GuestRange range,
                  std::shared_ptr<UffdContext> ctx, VmaFlags modes) {
  FL_DCHECK((ctx == nullptr) == modes.empty());
  return mm.vmas().Modify(
      v, range,
      {v.flags.without(kUffdModes) | modes, v.anon_name, std::move(ctx)});
}

// The ioctls that work on all of the range.
ErrnoOr<uint64_t> RegisterLocked(UffdContext& ctx, AddressSpace& mm,
                                 GuestRange range, VmaFlags modes) {
  Vma* v = FirstIn(mm, range);
  if (v == nullptr || (v->hugetlb() && !IsHugeAligned(*v, range.start))) {
    return Errno::kEINVAL;
  }
  uint64_t ioctls = kUffdRangeIoctls;
  for (const Vma* look = v; look != nullptr && look->range.start < range.end;
       look = mm.vmas().Next(*look)) {
    FL_TRY(JudgeRegister(ctx, *look, range, modes));
    if (look->hugetlb()) {
      ioctls = kUffdBasicIoctls;
    }
  }
  for (GuestRange rest = range; (v = FirstIn(mm, rest)) != nullptr;) {
    const GuestRange part = v->range.Intersect(rest);
    rest.start = part.end;
    if (v->uffd.get() != &ctx || (v->flags & modes) != modes) {
      FL_TRY(Arm(mm, *v, part, ctx.shared_from_this(), modes));
    }
  }
  return ioctls;
}

// userfaultfd_clear_vma(): what is protected is released first.
ErrnoOr<Done> Clear(AddressSpace& mm, Vma& v, GuestRange part) {
  if (UffdWp(v)) {
    (void)ChangeUffdWp(mm, v, part, UffdProtection::kResolve);
  }
  FL_TRY(Arm(mm, v, part, nullptr, {}));
  return kDone;
}

// Another's memory is no business of ours, says Linux since 6.17.
bool MayUnregister(const UffdContext& ctx, const Vma& v) {
  return v.uffd == nullptr || v.uffd.get() == &ctx ||
         v.mm->system().behaviours().uffd_unregister() ==
             UffdUnregister::kAnyones;
}

ErrnoOr<Done> UnregisterLocked(UffdContext& ctx, AddressSpace& mm,
                               GuestRange range) {
  Vma* v = FirstIn(mm, range);
  if (v == nullptr || (v->hugetlb() && !IsHugeAligned(*v, range.start))) {
    return Errno::kEINVAL;
  }
  for (const Vma* look = v; look != nullptr && look->range.start < range.end;
       look = mm.vmas().Next(*look)) {
    if (!EndsWell(*look, range) || !MayUnregister(ctx, *look) ||
        !CanUserfault(*look, look->flags, ctx.Has(kUffdWpAsync))) {
      return Errno::kEINVAL;
    }
  }
  for (GuestRange rest = range; (v = FirstIn(mm, rest)) != nullptr;) {
    const GuestRange part = v->range.Intersect(rest);
    rest.start = part.end;
    if (v->uffd != nullptr) {
      if (UffdMissing(*v)) {
        v->uffd->Wake(part, ToString(UffdIoctl::kUnregister));
      }
      FL_TRY(Clear(mm, *v, part));
    }
  }
  return kDone;
}

}  // namespace

ErrnoOr<Done> ValidateUffdSource(const AddressSpace& mm, GuestAddr start,
                                 uint64_t length) {
  const uint64_t user_end = mm.system().arch().layout().user_end.value();
  if ((length & mm.page_shift().mask()) != 0 || length == 0 ||
      start.value() < mm.system().sysctl().mmap_min_addr ||
      start.value() >= user_end || length > user_end - start.value()) {
    return Errno::kEINVAL;
  }
  return kDone;
}

ErrnoOr<GuestRange> ValidateUffdRange(const AddressSpace& mm, GuestAddr start,
                                      uint64_t length) {
  if (!start.IsPageAligned(mm.page_shift())) {
    return Errno::kEINVAL;
  }
  FL_TRY(ValidateUffdSource(mm, start, length));
  return GuestRange::At(start, length);
}

ErrnoOr<uint64_t> UffdRegister(UffdContext& ctx, GuestRange range,
                               uint64_t modes) {
  const std::shared_ptr<AddressSpace> mm = ctx.mm();
  if (mm == nullptr) {
    return Errno::kENOMEM;
  }
  uint64_t ioctls = 0;
  {
    WriteGuard guard(mm->mmap_lock());
    FL_ASSIGN(ioctls, RegisterLocked(ctx, *mm, range, FlagsOf(modes)));
  }
  const uint64_t known = UffdKnownFeatures(mm->system().behaviours());
  if ((known & kUffdPoison) == 0) {
    ioctls &= ~UffdIoctlBit(UffdIoctl::kPoison);
  }
  if ((known & kUffdMove) == 0) {
    ioctls &= ~UffdIoctlBit(UffdIoctl::kMove);
  }
  if ((modes & kUffdModeWp) == 0) {
    ioctls &= ~UffdIoctlBit(UffdIoctl::kWriteProtect);
  }
  if ((modes & kUffdModeMinor) == 0) {
    ioctls &= ~UffdIoctlBit(UffdIoctl::kContinue);
  }
  return ioctls;
}

ErrnoOr<Done> UffdUnregister(UffdContext& ctx, GuestRange range) {
  const std::shared_ptr<AddressSpace> mm = ctx.mm();
  if (mm == nullptr) {
    return Errno::kENOMEM;
  }
  WriteGuard guard(mm->mmap_lock());
  return UnregisterLocked(ctx, *mm, range);
}

void ForgetContext(UffdContext& ctx) {
  const std::shared_ptr<AddressSpace> mm = ctx.mm();
  if (mm == nullptr) {
    return;
  }
  WriteGuard guard(mm->mmap_lock());
  Vma* v = mm->vmas().First();
  while (v != nullptr) {
    const GuestAddr end = v->range.end;
    if (v->uffd.get() == &ctx) {
      // The whole of a VMA needs no split, and only a split can fail.
      FL_CHECK(Clear(*mm, *v, v->range).ok());
    }
    v = mm->vmas().FindAtOrAbove(end);
  }
}

void DisarmChild(UffdContext& ctx) {
  const std::shared_ptr<AddressSpace> mm = ctx.mm();
  if (mm == nullptr) {
    return;
  }
  WriteGuard guard(mm->mmap_lock());
  for (Vma& v : mm->vmas()) {
    if (v.uffd.get() == &ctx) {
      DisarmInPlace(v);
    }
  }
}

void DisarmInPlace(Vma& v) {
  v.uffd = nullptr;
  v.mm->vmas().SetFlagsInPlace(v, v.flags.without(kUffdModes));
}

}  // namespace faultline::mm
