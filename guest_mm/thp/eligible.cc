#include "guest_mm/thp/eligible.h"

#include <algorithm>

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

// The switch of __shmem_huge_global_enabled(): what the mount says.
bool MountAllows(const Mapping& mapping, uint64_t end_of_huge, uint64_t size,
                 bool advised) {
  switch (mapping.mount()->huge) {
    case HugeOption::kAlways:
      return true;
    case HugeOption::kWithinSize:
      return advised || size >= end_of_huge;
    case HugeOption::kAdvise:
      return advised;
    case HugeOption::kNever:
      break;
  }
  return false;
}

// file_thp_enabled(): other files, as long as they are only read.
bool FileHugeAllowed(const Vma& vma, ThpFor purpose) {
  MemoryManager& system = vma.mm->system();
  const FileThp which = system.behaviours().file_thp();
  const Mapping& mapping = vma.file->mapping();
  if (which == FileThp::kNone || mapping.open_for_writing() ||
      (which == FileThp::kCode && !vma.has(VmaFlag::kExec))) {
    return false;
  }
  return purpose == ThpFor::kCollapse ||
         SysfsAllows(system.thp().settings, vma);
}

}  // namespace

bool ShmemHugeAllowed(MemoryManager& system, const Mapping& mapping,
                      uint64_t index, uint64_t write_end, const Vma* vma) {
  const PagingGeometry& g = system.arch().geometry();
  const ShmemHuge knob = system.thp().settings.shmem_enabled;
  if (!g.levels[PagingGeometry::kHugeLevel].can_map_page ||
      (vma != nullptr &&
       (vma->has(VmaFlag::kNoHugePage) || vma->mm->thp_disabled)) ||
      knob == ShmemHuge::kDeny) {
    return false;
  }
  const uint64_t size =
      PageCount::ToHold(std::max(mapping.size(), write_end), g.page_shift)
          .value();
  return knob == ShmemHuge::kForce ||
         MountAllows(mapping, (index / g.HugePages() + 1) * g.HugePages(), size,
                     vma != nullptr && vma->has(VmaFlag::kHugePage));
}

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
    const Mapping& mapping = vma.file->mapping();
    if (!fault && mapping.kind() == Mapping::Kind::kRegular) {
      return FileHugeAllowed(vma, purpose);
    }
    return !fault && mapping.kind() == Mapping::Kind::kShmem &&
           ((purpose == ThpFor::kCollapse &&
             settings.shmem_enabled != ShmemHuge::kDeny) ||
            ShmemHugeAllowed(vma.mm->system(), mapping, vma.pgoff, 0, &vma));
  }
  if (vma.shared() ||
      (purpose != ThpFor::kCollapse && !SysfsAllows(settings, vma))) {
    return false;
  }
  // What was never touched has nothing to collapse.
  return vma.anon_vma != nullptr || fault || purpose == ThpFor::kSmaps;
}

}  // namespace faultline::mm
