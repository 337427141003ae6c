#include "guest_mm/calls/mmap.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/calls/populate.h"
#include "guest_mm/calls/shared_anon.h"
#include "guest_mm/calls/unmap.h"
#include "guest_mm/calls/unmapped_area.h"
#include "guest_mm/hugetlb/anon_file.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/vma/mte.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kMapType = 0x0f;
constexpr uint64_t kMapDroppable = 0x08;
constexpr uint64_t kMapExecutable = 0x1000;
constexpr uint64_t kMapUninitialized = 0x4000000;
constexpr int kMapHugeShift = 26;
constexpr uint64_t kMapHugeSizes = 0x3full << kMapHugeShift;
// x86's MAP_32BIT and MAP_ABOVE4G; other architectures give them no meaning.
constexpr uint64_t kMapPlacement = 0xc0;
// Flags from before the kernel looked for unknown ones (LEGACY_MAP_MASK).
constexpr uint64_t kLegacyFlags =
    kMapShared | kMapPrivate | kMapFixed | kMapAnonymous | kMapDenyWrite |
    kMapExecutable | kMapUninitialized | kMapGrowsDown | kMapLocked |
    kMapNoReserve | kMapPopulate | kMapNonBlock | kMapStack | kMapHugeTlb |
    kMapHugeSizes | kMapPlacement;
constexpr uint64_t kMaxFileBytes = (uint64_t{1} << 63) - 1;
constexpr int kOvercommitNever = 2;

// The request as it is narrowed down step by step, each a stage of do_mmap().
struct Plan {
  uint64_t flags;  // MAP_*
  GuestRange range;
  VmaFlags vm;
  std::shared_ptr<MappedFile> file, zero_device;
  uint64_t pgoff;
  bool populate = false;

  HugetlbFile* hugetlb() const {
    return file == nullptr ? nullptr : file->hugetlb();
  }
};

// ksys_mmap_pgoff(): lengths of mappings in huge pages are in whole ones, and
// an anonymous mapping gets its file.
ErrnoOr<MmapRequest> ForHugePages(AddressSpace& mm, MmapRequest r) {
  HugePagePool* pool = nullptr;
  if (r.file != nullptr && r.file->hugetlb() != nullptr) {
    pool = &r.file->hugetlb()->pool();
  } else if ((r.flags & kMapHugeTlb) == 0) {
    return r;
  } else if ((r.flags & kMapAnonymous) != 0) {
    pool = mm.system().hugetlb().PoolOf((r.flags & kMapHugeSizes) >>
                                        kMapHugeShift);
  }
  if (pool == nullptr) {
    return Errno::kEINVAL;
  }
  r.length = GuestAddr(r.length).AlignUp(pool->bytes()).value();
  if (r.file == nullptr) {
    r.file = NewHugetlbAnonFile(mm.system(), *pool, r.length);
  }
  return r;
}

// calc_vm_prot_bits(), calc_vm_flag_bits().
VmaFlags InitialFlags(const AddressSpace& mm, const MmapRequest& r) {
  VmaFlags vm = VmaFlags::FromProt(Prot(unsigned(r.prot & 7))) | mm.def_flags |
                VmaFlag::kMayRead | VmaFlag::kMayWrite | VmaFlag::kMayExec |
                MteOfProt(mm.system().arch(), r.prot);
  const bool shmem = r.file != nullptr && r.file->hugetlb() == nullptr &&
                     !r.file->is_zero_device() &&
                     r.file->mapping().kind() == Mapping::Kind::kShmem;
  if (((r.flags & kMapAnonymous) != 0 && (r.flags & kMapHugeTlb) == 0) ||
      shmem) {
    vm |= MteAllowed(mm.system().arch());
  }
  vm = vm.set(VmaFlag::kGrowsDown, (r.flags & kMapGrowsDown) != 0);
  if ((r.flags & kMapLocked) != 0) {
    vm |= VmaFlag::kLocked;
  }
  if ((r.flags & kMapStack) != 0) {
    vm |= VmaFlag::kNoHugePage;  // thread stacks are no place for huge pages
  }
  return vm;
}

ErrnoOr<Done> JudgeFile(const AddressSpace& mm, const MmapRequest& r,
                        Plan& plan) {
  const uint64_t bytes = plan.range.size();
  if (r.file != nullptr &&
      (bytes > kMaxFileBytes ||
       r.pgoff > (kMaxFileBytes - bytes) >> mm.page_shift().value())) {
    return Errno::kEOVERFLOW;
  }
  switch (plan.flags & kMapType) {
    case kMapSharedValidate:
      if ((plan.flags & ~kLegacyFlags) != 0) {
        return Errno::kEOPNOTSUPP;
      }
      [[fallthrough]];
    case kMapShared:
      if (plan.vm.has(VmaFlag::kWrite) && !r.file_writable) {
        return Errno::kEACCES;
      }
      plan.vm |= VmaFlag::kShared | VmaFlag::kMayShare;
      if (!r.file_writable) {
        // Nothing can be written through it, so nothing is shared.
        plan.vm = plan.vm.without(VmaFlag::kMayWrite | VmaFlag::kShared);
      }
      break;
    case kMapPrivate:
      break;
    default:
      return Errno::kEINVAL;
  }
  if (!r.file_readable) {
    return Errno::kEACCES;
  }
  if (r.file_noexec) {
    if (plan.vm.has(VmaFlag::kExec)) {
      return Errno::kEPERM;
    }
    plan.vm = plan.vm.without(VmaFlag::kMayExec);
  }
  if (r.file == nullptr) {
    return Errno::kENODEV;
  }
  if (plan.vm.has(VmaFlag::kGrowsDown)) {
    return Errno::kEINVAL;
  }
  if (plan.vm.has(VmaFlag::kMayShare) && r.file->write_sealed()) {
    if (plan.vm.has(VmaFlag::kWrite)) {
      return Errno::kEPERM;
    }
    plan.vm = plan.vm.without(VmaFlag::kMayWrite);
  }
  plan.pgoff = r.pgoff;
  if (!r.file->is_zero_device()) {
    plan.file = r.file;
  } else if (!plan.vm.has(VmaFlag::kShared)) {
    plan.zero_device = r.file;
  }
  return kDone;
}

ErrnoOr<Done> JudgeAnonymous(const AddressSpace& mm, Plan& plan) {
  switch (plan.flags & kMapType) {
    case kMapShared:
      if (plan.vm.has(VmaFlag::kGrowsDown)) {
        return Errno::kEINVAL;
      }
      plan.vm |= VmaFlag::kShared | VmaFlag::kMayShare;
      plan.pgoff = 0;
      return kDone;
    case kMapDroppable:
      if ((plan.flags & kMapLocked) != 0 || plan.vm.has(VmaFlag::kGrowsDown)) {
        return Errno::kEINVAL;
      }
      // What may be lost at any time is neither promised nor inherited.
      plan.vm |= VmaFlag::kDroppable | VmaFlag::kNoReserve |
                 VmaFlags(VmaFlag::kWipeOnFork) | VmaFlag::kDontDump;
      [[fallthrough]];
    case kMapPrivate:
      plan.pgoff = plan.range.start.value() >> mm.page_shift().value();
      return kDone;
    default:
      return Errno::kEINVAL;
  }
}

// do_mmap() up to mmap_region(): judges everything, changes nothing.
ErrnoOr<Plan> Judge(AddressSpace& mm, const MmapRequest& r) {
  const PageShift shift = mm.page_shift();
  VmSysctl& sysctl = mm.system().sysctl();
  if (r.length == 0) {
    return Errno::kEINVAL;
  }
  Plan plan{r.flags, {}, {}, nullptr, nullptr, 0};
  if ((plan.flags & kMapFixedNoReplace) != 0) {
    plan.flags |= kMapFixed;
  }
  const bool fixed = (plan.flags & kMapFixed) != 0;
  GuestAddr hint = r.hint;
  if (!fixed) {
    hint = hint.PageDown(shift);
    const uint64_t lowest = mm.system().lowest_mapping();
    if (hint != GuestAddr(0) && hint.value() < lowest) {
      hint = GuestAddr(lowest).PageUp(shift);
    }
  }
  const uint64_t length = GuestAddr(r.length).PageUp(shift).value();
  if (length == 0) {
    return Errno::kENOMEM;
  }
  if (r.pgoff + (length >> shift.value()) < r.pgoff) {
    return Errno::kEOVERFLOW;
  }
  if (mm.vmas().size() > sysctl.max_map_count) {
    return Errno::kENOMEM;
  }
  plan.vm = InitialFlags(mm, r);
  AreaRequest area{
      .hint = hint, .length = length, .fixed = fixed, .window = r.window};
  const bool anonymous = r.file == nullptr && !r.no_mmap;
  if (r.file != nullptr && r.file->hugetlb() != nullptr) {
    area.huge_align = r.file->hugetlb()->pool().bytes();
  }
  const bool zero = r.file != nullptr && r.file->is_zero_device();
  if ((r.flags & kMapType) == kMapPrivate && (anonymous || zero)) {
    area.thp_offset = ThpOffset(mm, area, zero, r.pgoff);
  }
  FL_ASSIGN(const GuestAddr at, GetUnmappedArea(mm, area));
  plan.range = GuestRange::At(at, length);
  if ((plan.flags & kMapFixedNoReplace) != 0 &&
      mm.vmas().Overlaps(plan.range)) {
    return Errno::kEEXIST;
  }
  if ((plan.flags & kMapLocked) != 0 && !CanDoMlock(mm)) {
    return Errno::kEPERM;
  }
  if (!MayLock(mm, plan.vm, length)) {
    return Errno::kEAGAIN;
  }
  FL_TRY(anonymous ? JudgeAnonymous(mm, plan) : JudgeFile(mm, r, plan));
  if (!IsMteValid(plan.vm)) {
    return Errno::kEINVAL;
  }
  if ((plan.flags & kMapNoReserve) != 0 &&
      (sysctl.overcommit_memory != kOvercommitNever ||
       plan.hugetlb() != nullptr)) {
    plan.vm |= VmaFlag::kNoReserve;
  }
  plan.populate = plan.vm.has(VmaFlag::kLocked) ||
                  (plan.flags & (kMapPopulate | kMapNonBlock)) == kMapPopulate;
  if (plan.hugetlb() != nullptr) {
    // Huge pages stay where they are: there is nothing to lock.
    plan.vm = plan.vm.without(VmaFlag::kLocked | VmaFlag::kLockOnFault) |
              VmaFlag::kHugeTlb | VmaFlag::kDontExpand;
  }
  return plan;
}

// mmap_region(): what is in the way goes only when nothing can fail any more,
// but for huge pages: what is unmapped may be what they are taken from.
ErrnoOr<Done> Place(AddressSpace& mm, Plan& plan, UffdUnmapEvents* events) {
  const int64_t pages = int64_t(plan.range.Pages(mm.page_shift()).value());
  FL_ASSIGN(const Unmapping in_the_way, GatherUnmap(mm, plan.range, events));
  const int64_t growth = pages - int64_t(in_the_way.pages.value());
  if (!MayExpandVm(mm, plan.vm,
                   PageCount(uint64_t(std::max<int64_t>(growth, 0))))) {
    return Errno::kENOMEM;
  }
  if (IsAccountable(plan.vm)) {
    if (!EnoughMemory(mm, pages - int64_t(in_the_way.accounted.value()))) {
      return Errno::kENOMEM;
    }
    plan.vm |= VmaFlag::kAccount;
  }
  if (plan.file == nullptr && plan.vm.has(VmaFlag::kShared)) {
    FL_ASSIGN(plan.file, MakeSharedAnon(mm, plan.range.size(), plan.vm));
  }
  FL_ASSIGN(auto vma, NewVma(mm));
  CompleteUnmap(mm, plan.range);
  vma->range = plan.range;
  vma->flags = plan.vm | mm.soft_dirty;
  vma->file = plan.file;
  vma->zero_device = plan.zero_device;
  vma->pgoff = plan.pgoff;
  if (vma->hugetlb()) {
    FL_TRY(MapHugetlb(mm, *vma));
  }
  Vma& mapped = mm.vmas().Insert(std::move(vma));
  // vma_supports_mlock(): what may be lost is not held, even if all that is to
  // come shall be. It has not merged with its like, which is not locked.
  if (mapped.has(VmaFlag::kDroppable)) {
    mm.vmas().SetFlagsInPlace(
        mapped, mapped.flags.without(VmaFlag::kLocked | VmaFlag::kLockOnFault));
  }
  return kDone;
}

}  // namespace

ErrnoOr<Mapped> MmapLocked(AddressSpace& mm, const MmapRequest& request,
                           UffdUnmapEvents* events) {
  FL_ASSIGN(Plan plan, Judge(mm, request));
  FL_TRY(Place(mm, plan, events));
  return Mapped{plan.range.start, plan.populate};
}

namespace {

// vm_mmap_pgoff(). `events` may be null.
ErrnoOr<GuestAddr> MmapAndPopulate(AddressSpace& mm,
                                   const MmapRequest& as_passed,
                                   UffdUnmapEvents* events) {
  FL_ASSIGN(const MmapRequest request, ForHugePages(mm, as_passed));
  const ErrnoOr<Mapped> placed =
      UnderWriteLock(mm, [&] { return MmapLocked(mm, request, events); });
  if (events != nullptr) {
    events->Complete();
  }
  FL_ASSIGN(const Mapped mapped, placed);
  if (mapped.populate) {
    const uint64_t length =
        GuestAddr(request.length).PageUp(mm.page_shift()).value();
    // mmap has succeeded, whatever becomes of this.
    (void)PopulateVmas(mm, GuestRange::At(mapped.at, length), OnError::kGoOn);
  }
  return mapped.at;
}

}  // namespace

ErrnoOr<GuestAddr> Mmap(AddressSpace& mm, const MmapRequest& request) {
  UffdUnmapEvents events;
  return MmapAndPopulate(mm, request, &events);
}

ErrnoOr<GuestAddr> MmapUntold(AddressSpace& mm, const MmapRequest& request) {
  return MmapAndPopulate(mm, request, nullptr);
}

}  // namespace faultline::mm
