#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/fault/populate_range.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/vma/mte.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kProtSem = 0x8;
constexpr uint64_t kProtGrowsDown = 0x01000000;
constexpr uint64_t kProtGrowsUp = 0x02000000;

// The VM_MAY* twins of the rights that `prot` asks for.
bool MayHave(VmaFlags vm, Prot prot) {
  return (!prot.read() || vm.has(VmaFlag::kMayRead)) &&
         (!prot.write() || vm.has(VmaFlag::kMayWrite)) &&
         (!prot.exec() || vm.has(VmaFlag::kMayExec));
}

// mprotect_fixup(). Returns the VMA that now covers `range`.
ErrnoOr<Vma*> Fixup(AddressSpace& mm, Vma& v, GuestRange range, Prot prot,
                    VmaFlags mte) {
  const VmaFlags old = v.flags;
  VmaFlags now = old.WithProt(prot) | mte;
  if (v.has(VmaFlag::kSealed)) {
    return Errno::kEPERM;
  }
  if (now == old) {
    return &v;
  }
  const PageCount pages = range.Pages(mm.page_shift());
  constexpr VmaFlags kChargedOrNever = VmaFlag::kAccount | VmaFlag::kWrite |
                                       VmaFlag::kHugeTlb | VmaFlag::kShared |
                                       VmaFlags(VmaFlag::kNoReserve);
  if (prot.write()) {
    if (!MayExpandVm(mm, now, pages) && MayExpandVm(mm, old, pages)) {
      return Errno::kENOMEM;  // it would turn into too much data
    }
    if (!old.any(kChargedOrNever)) {
      if (!EnoughMemory(mm, int64_t(pages.value()))) {
        return Errno::kENOMEM;
      }
      now |= VmaFlag::kAccount;
    }
  } else if (old.has(VmaFlag::kAccount) && v.anonymous() &&
             v.anon_vma == nullptr) {
    now = now.without(VmaFlag::kAccount);  // never written: nothing to keep
  }
  FL_ASSIGN(Vma * covering, mm.vmas().ModifyFlags(v, range, now));
  ChangeProtection(mm, *covering, range, prot);
  if (old.has(VmaFlag::kLocked) && !old.has(VmaFlag::kLockOnFault) &&
      !old.has(VmaFlag::kWrite) && !old.has(VmaFlag::kShared) && prot.write()) {
    // Locked memory that became writable: its copies are made at once, while
    // the next VMA is still what it was.
    (void)PopulateLocked(mm, *covering, range, Populate::kWrite);
  }
  return covering;
}

ErrnoOr<Done> MprotectLocked(AddressSpace& mm, GuestRange range, Prot prot,
                             VmaFlags mte, uint64_t grows) {
  Vma* v = mm.vmas().FindAtOrAbove(range.start);
  if (v == nullptr || v->range.start >= range.end) {
    return Errno::kENOMEM;
  }
  if (grows == kProtGrowsDown) {
    range.start = v->range.start;
    if (!v->has(VmaFlag::kGrowsDown)) {
      return Errno::kEINVAL;
    }
  } else {
    if (v->range.start > range.start) {
      return Errno::kENOMEM;
    }
    if (grows == kProtGrowsUp) {
      return Errno::kEINVAL;  // no architecture here has such mappings
    }
  }
  GuestAddr at = range.start;
  while (at < range.end) {
    if (v == nullptr || v->range.start > at) {
      return Errno::kENOMEM;
    }
    if (!MayHave(v->flags, prot)) {
      return Errno::kEACCES;
    }
    if (!IsMteValid(v->flags | mte)) {
      return Errno::kEINVAL;
    }
    const GuestRange part = GuestRange{at, range.end}.Intersect(v->range);
    FL_ASSIGN(v, Fixup(mm, *v, part, prot, mte));
    at = part.end;
    v = mm.vmas().FindAtOrAbove(at);
  }
  return kDone;
}

}  // namespace

ErrnoOr<Done> Mprotect(AddressSpace& mm, GuestAddr start, uint64_t length,
                       uint64_t prot) {
  const uint64_t grows = prot & (kProtGrowsDown | kProtGrowsUp);
  prot &= ~grows;
  if (grows == (kProtGrowsDown | kProtGrowsUp) ||
      !start.IsPageAligned(mm.page_shift())) {
    return Errno::kEINVAL;
  }
  if (length == 0) {
    return kDone;
  }
  const uint64_t rounded = GuestAddr(length).PageUp(mm.page_shift()).value();
  const GuestRange range = GuestRange::At(start, rounded);
  if (range.empty()) {
    return Errno::kENOMEM;
  }
  const ArchOps& arch = mm.system().arch();
  const uint64_t known =
      uint64_t{7} | kProtSem | (arch.geometry().memory_tags ? kProtMte : 0);
  if ((prot & ~known) != 0) {
    return Errno::kEINVAL;
  }
  return UnderWriteLock(mm, [&] {
    return MprotectLocked(mm, range, Prot(unsigned(prot & 7)),
                          MteOfProt(arch, prot), grows);
  });
}

}  // namespace faultline::mm
