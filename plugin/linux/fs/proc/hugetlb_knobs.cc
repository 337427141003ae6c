#include "plugin/linux/fs/proc/hugetlb_knobs.h"

#include "absl/strings/str_cat.h"
#include "guest_mm/hugetlb/hugetlb.h"

namespace faultline::os {
namespace {

using mm::HugePagePool;

Knob CountKnob(const HugePagePool& pool,
               uint64_t (HugePagePool::*get)() const) {
  return {[&pool, get] { return absl::StrCat((pool.*get)(), "\n"); }, nullptr};
}

// How many persistent pages there are; writing changes it as far as it goes.
Knob PersistentKnob(HugePagePool& pool, uint64_t (HugePagePool::*get)() const) {
  return NumberKnob([&pool, get] { return (pool.*get)(); },
                    [&pool](uint64_t count) { pool.SetPersistent(count); });
}

Knob OvercommitKnob(HugePagePool& pool) {
  Knob knob =
      NumberKnob([&pool] { return pool.overcommit(); },
                 [&pool](uint64_t pages) { pool.set_overcommit(pages); });
  if (pool.gigantic()) {
    knob.set = [](absl::string_view) -> ErrnoOr<Done> {
      return Errno::kEINVAL;
    };
  }
  return knob;
}

}  // namespace

void AddHugetlbKnobs(KnobDir& hugepages, mm::MemoryManager& memory) {
  for (const auto& pool : memory.hugetlb().pools()) {
    KnobDir& dir = hugepages.Dir(pool->name());
    for (const char* name : {"nr_hugepages", "nr_hugepages_mempolicy"}) {
      dir.Add(name, PersistentKnob(*pool, &HugePagePool::total));
    }
    dir.Add("nr_overcommit_hugepages", OvercommitKnob(*pool));
    dir.Add("free_hugepages", CountKnob(*pool, &HugePagePool::free));
    dir.Add("resv_hugepages", CountKnob(*pool, &HugePagePool::reserved));
    dir.Add("surplus_hugepages", CountKnob(*pool, &HugePagePool::surplus));
  }
}

void AddNodeHugetlbKnobs(KnobDir& hugepages, mm::MemoryManager& memory) {
  for (const auto& pool : memory.hugetlb().pools()) {
    KnobDir& dir = hugepages.Dir(pool->name());
    dir.Add("nr_hugepages", PersistentKnob(*pool, &HugePagePool::total));
    dir.Add("free_hugepages", CountKnob(*pool, &HugePagePool::free));
    dir.Add("surplus_hugepages", CountKnob(*pool, &HugePagePool::surplus));
  }
}

void AddHugetlbSysctl(KnobDir& vm, mm::MemoryManager& memory) {
  HugePagePool* const pool = memory.hugetlb().default_pool();
  if (pool == nullptr) {
    return;
  }
  for (const char* name : {"nr_hugepages", "nr_hugepages_mempolicy"}) {
    vm.Add(name, PersistentKnob(*pool, &HugePagePool::wanted));
  }
  vm.Add("nr_overcommit_hugepages", OvercommitKnob(*pool));
  // The group that may use SHM_HUGETLB without a capability.
  vm.Add("hugetlb_shm_group",
         NumberKnob([&memory] { return memory.sysctl().hugetlb_shm_group; },
                    [&memory](uint64_t group) {
                      memory.sysctl().hugetlb_shm_group = group;
                    },
                    {0, 0xffffffff}));
}

}  // namespace faultline::os
