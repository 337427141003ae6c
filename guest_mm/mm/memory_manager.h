#ifndef FAULTLINE_GUEST_MM_MM_MEMORY_MANAGER_H_
#define FAULTLINE_GUEST_MM_MM_MEMORY_MANAGER_H_

// MemoryManager: what all address spaces of one machine share: physical
// memory, the zero page, the TLB to flush, the trace, knobs and counters.
// The root object of guest_mm; everything else hangs from it.

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "guest_mm/arch_ops.h"
#include "guest_mm/file/shmem_mount.h"
#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/phys/slab.h"
#include "guest_mm/profile/behaviour.h"
#include "guest_mm/reclaim/reclaim_counters.h"
#include "guest_mm/swap/swap_area.h"
#include "guest_mm/sync/wait_queue.h"
#include "guest_mm/thp/thp_state.h"
#include "guest_mm/tlb.h"
#include "guest_mm/trace.h"
#include "guest_mm/uffd/uffd_state.h"

namespace faultline::mm {

// /proc/sys/vm, as far as honoured. Defaults: Linux 6.12's.
struct VmSysctl {
  uint64_t max_map_count = 65530;
  uint64_t mmap_min_addr = 65536;  // the architecture's
  uint64_t swappiness = 60;        // up to 200: how gladly anonymous pages go
  int overcommit_memory = 0;
  // Of RAM, what may be committed in mode 2 besides swap: a share in percent
  // or, if not 0, an amount. Setting one clears the other.
  int overcommit_ratio = 50;
  uint64_t overcommit_kbytes = 0;
  uint64_t stack_guard_gap_pages = 256;
  bool oom_kill_allocating_task = false;
  uint64_t hugetlb_shm_group = 0;
  bool memory_failure_early_kill = false;
  bool enable_soft_offline = true;
  int memfd_noexec = 0;  // up to 2: files that cannot be executed, or none else
};

// Counts since the start, for --stats and /proc/vmstat.
struct VmCounters {
  uint64_t faults = 0;        // pgfault
  uint64_t major_faults = 0;  // pgmajfault
  uint64_t cow_copies = 0;
  uint64_t cow_reuses = 0;
  uint64_t mm_faults = 0;  // rounds of handle_mm_fault(), retried ones too
  // Ends of page faults, by PageFaultOutcome::Kind.
  std::array<uint64_t, 9> outcomes{};
  uint64_t zero_page_maps = 0;
  uint64_t tlb_flushes = 0;
  uint64_t migrate_success = 0;  // pgmigrate_success, in base pages
  uint64_t migrate_fail = 0;     // pgmigrate_fail
};

class DmaEngine;
class Hugetlb;
class Khugepaged;
class Reclaim;
class UserCopy;

class MemoryManager {
 public:
  struct Options {
    uint64_t memory_bytes = 512ull << 20;
    uint64_t swap_bytes = 0;
    uint64_t seed = 0;  // of address-space randomisation
    BehaviourSet behaviours{};
  };
  // `arch` and `tlb` outlive it. Fails as PhysMem::Create, SwapArea::Create.
  static absl::StatusOr<std::unique_ptr<MemoryManager>> Create(
      const ArchOps& arch, Tlb& tlb, const Options& options);
  ~MemoryManager();

  const ArchOps& arch() const { return arch_; }
  PageShift page_shift() const { return phys_->page_shift(); }
  PhysMem& phys() { return *phys_; }
  // Pays for the kernel's own objects, a charge each.
  const std::shared_ptr<Slab>& shared_slab() const { return slab_; }
  Slab& slab() { return *slab_; }
  SwapArea& swap() { return *swap_; }
  Tlb& tlb() { return tlb_; }
  Trace& trace() { return trace_; }
  VmSysctl& sysctl() { return sysctl_; }
  // The lowest address that a hint, a search or a growing stack comes to. What
  // needs a privilege is what the knob says, however low (security/min_addr.c).
  uint64_t lowest_mapping() const {
    return std::max(sysctl_.mmap_min_addr, arch_.layout().mmap_min_floor);
  }
  // Which version's rules hold; fixed for the machine's life.
  const BehaviourSet& behaviours() const { return behaviours_; }
  VmCounters& counters() { return counters_; }
  ReclaimCounters& reclaim_counters() { return reclaim_counters_; }
  Reclaim& reclaim() { return *reclaim_; }
  ThpState& thp() { return thp_; }
  // The kernel's own tmpfs.
  ShmemMount& shmem_mount() { return shmem_mount_; }
  UffdState& uffd() { return uffd_; }
  // Null: there is none. Outlives the machine's last access.
  UserCopy* user_copy() const { return user_copy_; }
  void set_user_copy(UserCopy* copy) { user_copy_ = copy; }
  Khugepaged& khugepaged() { return *khugepaged_; }
  // Moves bytes between devices and pinned pages.
  DmaEngine& dma() { return *dma_; }
  // The pools of huge pages that are asked for by name.
  Hugetlb& hugetlb() { return *hugetlb_; }
  // Faults that came upon migration entries; woken when they are gone.
  WaitQueue& migration_wait() { return migration_wait_; }
  // The shared zero page (reserved, never counted, never freed).
  Pfn zero_page() const { return zero_page_; }
  // Pages promised to private writable mappings (Committed_AS).
  PageCount& committed() { return committed_; }
  // A BUG() of Linux's that a behaviour brings back was reached: told to
  // whoever runs the machine, and ends it. Dies if there is nobody.
  void Bug(std::string_view where) const;
  void set_bug_handler(std::function<void(std::string_view)> handler) {
    bug_handler_ = std::move(handler);
  }
  uint64_t NextAddressSpaceId() { return ++last_mm_id_; }
  // Inode numbers of the kernel's own tmpfs (device 0:1): shared anonymous
  // memory, memfd, SysV shared memory.
  uint64_t NextShmemIno() { return ++last_shmem_ino_; }

 private:
  MemoryManager(const ArchOps& arch, Tlb& tlb);

  const ArchOps& arch_;
  Tlb& tlb_;
  Trace trace_;
  std::unique_ptr<PhysMem> phys_;
  std::shared_ptr<Slab> slab_;
  std::unique_ptr<SwapArea> swap_;
  VmSysctl sysctl_;
  BehaviourSet behaviours_;
  VmCounters counters_;
  ReclaimCounters reclaim_counters_;
  std::unique_ptr<Reclaim> reclaim_;
  ThpState thp_;
  UserCopy* user_copy_ = nullptr;
  ShmemMount shmem_mount_;
  UffdState uffd_;
  std::unique_ptr<Khugepaged> khugepaged_;
  std::unique_ptr<DmaEngine> dma_;
  std::unique_ptr<Hugetlb> hugetlb_;
  WaitQueue migration_wait_{"migration.wait"};
  Pfn zero_page_;
  PageCount committed_;
  std::function<void(std::string_view)> bug_handler_;
  uint64_t last_mm_id_ = 0;
  uint64_t last_shmem_ino_ = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_MEMORY_MANAGER_H_
