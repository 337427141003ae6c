#include "guest_mm/thp/eligible.h"

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {
namespace {

// VM_NO_KHUGEPAGED.
constexpr VmaFlags kNeverCollapsed = VmaFlag::kIo | VmaFlag::kPfnMap |
                                     VmaFlag::kDontExpand |
                                     VmaFlags(VmaFlag::kHugeTlb);

const PagingGeometry& GeometryOf(const Vma& vma) {
  return vma.mm->system().arch().geometry();
}

bool SysfsAllows(const ThpSettings& settings, const Vma& vma) {
  switch (settings.enabled) {
    case ThpEnabled::kAlways:
      return true;
    case ThpEnabled::kMadvise:
      return vma.has(VmaFlag::kHugePage);
    case ThpEnabled::kNever:
      break;
  }
  return false;
}

// shmem_allowable_huge_orders(), for the kernel's own tmpfs.
bool ShmemAllows(const ThpSettings& settings, const Vma& vma) {
  switch (settings.shmem_enabled) {
    case ShmemHuge::kAlways:
    case ShmemHuge::kWithinSize:
    case ShmemHuge::kForce:
      return true;
    case ShmemHuge::kAdvise:
      return vma.has(VmaFlag::kHugePage);
    case ShmemHuge::kNever:
    case ShmemHuge::kDeny:
      break;
  }
  return false;
}

}  // namespace

bool HugeFits(const Vma& vma, GuestAddr a) {
  const PagingGeometry& g = GeometryOf(vma);
  if (!vma.anonymous()) {
    const uint64_t start = vma.range.start.value() >> g.page_shift.value();
    if ((start - vma.pgoff) % g.HugePages() != 0) {
      return false;
    }
  }
  const GuestAddr start = a.AlignDown(g.HugeBytes());
  return start >= vma.range.start && start + g.HugeBytes() > start &&
         start + g.HugeBytes() <= vma.range.end;
}

bool HugeAllowed(const Vma& vma, ThpFor purpose) {
  const PagingGeometry& g = GeometryOf(vma);
  const ThpSettings& settings = vma.mm->system().thp().settings;
  if (!g.levels[PagingGeometry::kHugeLevel].can_map_page ||
      vma.has(VmaFlag::kNoHugePage) || vma.mm->thp_disabled) {
    return false;
  }
  const bool fault = purpose == ThpFor::kFault;
  if (!fault &&
      (vma.flags.any(kNeverCollapsed) || vma.range.size() < g.HugeBytes() ||
       !HugeFits(vma, vma.range.end - g.HugeBytes()))) {
    return false;
  }
  if (!vma.anonymous()) {
    return !fault && vma.file->mapping().kind() == Mapping::Kind::kShmem &&
           (purpose == ThpFor::kCollapse || ShmemAllows(settings, vma));
  }
  if (vma.shared() ||
      (purpose != ThpFor::kCollapse && !SysfsAllows(settings, vma))) {
    return false;
  }
  // What was never touched has nothing to collapse.
  return vma.anon_vma != nullptr || fault || purpose == ThpFor::kSmaps;
}

}  // namespace faultline::mm
