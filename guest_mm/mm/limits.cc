#include "guest_mm/mm/limits.h"

#include <algorithm>

namespace faultline::mm {
namespace {

constexpr int kOvercommitAlways = 1;
constexpr int kOvercommitNever = 2;
// Most that user_reserve_kbytes and admin_reserve_kbytes default to; on a
// machine with little memory a 32nd of it (init_user_reserve()).
constexpr uint64_t kUserReserveBytes = 128ull << 20;

}  // namespace

bool MayExpandVm(const AddressSpace& mm, VmaFlags flags, PageCount pages) {
  const int shift = mm.page_shift().value();
  if ((mm.total_vm + pages).value() > mm.limits.as >> shift) {
    return false;
  }
  return !CountsAsData(flags) ||
         (mm.data_vm + pages).value() <= mm.limits.data >> shift;
}

PageCount TotalRam(MemoryManager& system) {
  const PhysMem& phys = system.phys();
  return phys.total() - phys.used(FrameUse::kReserved);
}

PageCount CommitLimit(MemoryManager& system) {
  const VmSysctl& sysctl = system.sysctl();
  const uint64_t ratio = uint64_t(std::max(sysctl.overcommit_ratio, 0));
  const PageCount of_ram =
      sysctl.overcommit_kbytes != 0
          ? PageCount(sysctl.overcommit_kbytes >>
                      (system.page_shift().value() - 10))
          : PageCount(TotalRam(system).value() * ratio / 100);
  return of_ram + system.swap().total();
}

bool EnoughMemory(AddressSpace& mm, int64_t pages) {
  MemoryManager& system = mm.system();
  if (pages <= 0 || system.sysctl().overcommit_memory == kOvercommitAlways) {
    return true;
  }
  if (system.sysctl().overcommit_memory != kOvercommitNever) {
    return uint64_t(pages) <=
           (TotalRam(system) + system.swap().total()).value();
  }
  const uint64_t reserve =
      std::min(TotalRam(system).value() / 32,
               kUserReserveBytes >> mm.page_shift().value());
  const uint64_t kept = std::min(mm.total_vm.value() / 32, reserve);
  const uint64_t limit = CommitLimit(system).value();
  return system.committed().value() + uint64_t(pages) + kept < limit;
}

bool CanDoMlock(const AddressSpace& mm) {
  return mm.limits.memlock != 0 || mm.limits.can_exceed_memlock;
}

bool MayLock(const AddressSpace& mm, VmaFlags flags, uint64_t bytes) {
  if (!flags.has(VmaFlag::kLocked) || mm.limits.can_exceed_memlock) {
    return true;
  }
  const int shift = mm.page_shift().value();
  return (bytes >> shift) + mm.locked_vm.value() <= mm.limits.memlock >> shift;
}

bool IsAccountable(VmaFlags flags) {
  return flags.has(VmaFlag::kWrite) && !flags.has(VmaFlag::kShared) &&
         !flags.has(VmaFlag::kNoReserve) && !flags.has(VmaFlag::kHugeTlb);
}

}  // namespace faultline::mm
