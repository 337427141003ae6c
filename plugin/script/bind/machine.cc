// machine: the machine as a whole.

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/calls/shared_anon.h"
#include "guest_mm/fault/fault.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/reclaim/reclaim.h"
#include "guest_mm/thp/khugepaged.h"
#include "plugin/script/interpreter.h"
#include "plugin/script/objects.h"

namespace faultline::script {
namespace {

int MachineSpace(lua_State* l) {
  const auto& machine = GetShared<Machine>(l, 1);
  auto made = machine->NewSpace();
  if (!made.ok()) {
    return PushErrno(l, made.error());
  }
  auto space = std::make_shared<Space>();
  space->machine = machine;
  space->mm = *std::move(made);
  return Push(l, std::move(space));
}

int MachineShmem(lua_State* l) {
  const auto& machine = GetShared<Machine>(l, 1);
  const uint64_t bytes = GetNumber(l, 2);
  CheckFields(l, 3, {"huge"});
  const bool huge = BoolField(l, 3, "huge", false);
  // A file belongs to no space; making one takes one, for its limits.
  auto owner = mm::AddressSpace::Create(machine->memory());
  if (!owner.ok()) {
    return PushErrno(l, owner.error());
  }
  auto made = mm::MakeSharedAnon(**owner, bytes, {});
  if (!made.ok()) {
    return PushErrno(l, made.error());
  }
  if (huge) {
    mm::ShmemMount& mount = machine->memory().shmem_mount();
    const mm::HugeOption before =
        std::exchange(mount.huge, mm::HugeOption::kAlways);
    Errno failed = Errno::kOk;
    for (uint64_t at = 0; at < bytes && failed == Errno::kOk;
         at += machine->huge()) {
      auto page = (*made)->mapping().FindOrCreate(at / machine->page());
      if (page.ok()) {
        machine->phys().Put(*page);
      } else {
        failed = page.error();
      }
    }
    mount.huge = before;
    if (failed != Errno::kOk) {
      return PushErrno(l, failed);
    }
  }
  auto file = std::make_shared<MemoryFile>();
  file->machine = machine;
  file->file = *std::move(made);
  return Push(l, std::move(file));
}

int MachineThp(lua_State* l) {
  auto& settings = Get<Machine>(l, 1).memory().thp().settings;
  static const char* const kWords[] = {"always", "madvise", "never", nullptr};
  settings.enabled = mm::ThpEnabled(luaL_checkoption(l, 2, nullptr, kWords));
  return 0;
}

int MachineShmemHuge(lua_State* l) {
  static const char* const kWords[] = {"never", "always", "within_size",
                                       "advise", nullptr};
  Get<Machine>(l, 1).memory().shmem_mount().huge =
      mm::HugeOption(luaL_checkoption(l, 2, nullptr, kWords));
  return 0;
}

int MachineKhugepaged(lua_State* l) {
  mm::Khugepaged& k = Get<Machine>(l, 1).memory().khugepaged();
  const uint64_t before = k.pages_collapsed();
  k.ScanOnce();
  lua_pushinteger(l, lua_Integer(k.pages_collapsed() - before));
  return 1;
}

int MachineReclaim(lua_State* l) {
  Machine& m = Get<Machine>(l, 1);
  lua_pushinteger(l,
                  lua_Integer(m.memory().reclaim().FreePages(GetNumber(l, 2))));
  return 1;
}

int MachineValidate(lua_State* l) {
  Script& script = Script::Of(l);
  return PushString(l, script.Validate(Get<Machine>(l, 1)));
}

int MachineFree(lua_State* l) {
  lua_pushinteger(l, lua_Integer(Get<Machine>(l, 1).phys().free().value()));
  return 1;
}

int MachineBug(lua_State* l) {
  const std::string& bug = Get<Machine>(l, 1).bug();
  if (bug.empty()) {
    lua_pushnil(l);
    return 1;
  }
  return PushString(l, bug);
}

int MachineCounter(lua_State* l) {
  mm::MemoryManager& memory = Get<Machine>(l, 1).memory();
  const std::string name = GetString(l, 2);
  const mm::VmCounters& c = memory.counters();
  const struct {
    const char* name;
    uint64_t value;
  } all[] = {{"faults", c.faults},
             {"major_faults", c.major_faults},
             {"fault_rounds", c.mm_faults},
             {"collapse_rescans", memory.thp().rescans},
             {"cow_copies", c.cow_copies},
             {"cow_reuses", c.cow_reuses},
             {"tlb_flushes", c.tlb_flushes},
             {"collapsed", memory.khugepaged().pages_collapsed()},
             {"split_pmd", memory.thp().counters.split_pmd},
             {"split_page", memory.thp().counters.split_page},
             {"thp_faults", memory.thp().counters.fault_alloc}};
  std::string names;
  for (const auto& counter : all) {
    if (name == counter.name) {
      lua_pushinteger(l, lua_Integer(counter.value));
      return 1;
    }
    absl::StrAppend(&names, names.empty() ? "" : ", ", counter.name);
  }
  Raise(l, absl::StrCat("no counter '", name, "'; there are: ", names));
}

int MachineOutcomes(lua_State* l) {
  const mm::VmCounters& c = Get<Machine>(l, 1).memory().counters();
  lua_newtable(l);
  for (size_t i = 0; i < c.outcomes.size(); ++i) {
    lua_pushinteger(l, lua_Integer(c.outcomes[i]));
    lua_setfield(l, -2, mm::ToString(mm::PageFaultOutcome::Kind(i)));
  }
  return 1;
}

int MachinePage(lua_State* l) {
  lua_pushinteger(l, lua_Integer(Get<Machine>(l, 1).page()));
  return 1;
}

int MachineHuge(lua_State* l) {
  lua_pushinteger(l, lua_Integer(Get<Machine>(l, 1).huge()));
  return 1;
}

constexpr ApiFunction kFunctions[] = {
    {"space", MachineSpace, "m:space() -> space",
     "A new, empty address space."},
    {"shmem", MachineShmem, "m:shmem(bytes [, {huge=}]) -> file",
     "A file of shared memory. With `huge=true` its pages are there already, "
     "as huge ones; those that come later are as m:shmem_huge() has it."},
    {"thp", MachineThp, "m:thp('always'|'madvise'|'never')",
     "When a fault in anonymous memory may bring a huge page: "
     "/sys/kernel/mm/transparent_hugepage/enabled. At the start: never."},
    {"shmem_huge", MachineShmemHuge,
     "m:shmem_huge('never'|'always'|'within_size'|'advise')",
     "When an absent page of shared memory comes as a huge one."},
    {"khugepaged", MachineKhugepaged, "m:khugepaged() -> number",
     "One round of khugepaged's in the calling actor: how many huge pages it "
     "made."},
    {"reclaim", MachineReclaim, "m:reclaim(pages) -> pages",
     "Tries to free so many pages; how many it freed."},
    {"validate", MachineValidate, "m:validate() -> string",
     "Compares every frame's and table's counts with each other: the broken "
     "invariant, or ''. Not while an actor is half way through something."},
    {"free", MachineFree, "m:free() -> pages", "Free memory."},
    {"bug", MachineBug, "m:bug() -> string or nil",
     "The BUG() of Linux's that was reached, where a behaviour brings one "
     "back."},
    {"counter", MachineCounter, "m:counter(name) -> number",
     "A count since the start: faults, major_faults, fault_rounds (of "
     "handle_mm_fault()), collapse_rescans, cow_copies, cow_reuses, "
     "tlb_flushes, collapsed, split_pmd, split_page, thp_faults."},
    {"outcomes", MachineOutcomes, "m:outcomes() -> table",
     "How many faults have ended how, by the names that space:fault() returns. "
     "Each has been checked against its contract: the locks are as they were, "
     "and the answer is one that the mode may get."},
    {"page", MachinePage, "m:page() -> bytes", "The size of a page."},
    {"huge", MachineHuge, "m:huge() -> bytes", "The size of a huge page."},
};
constexpr ApiClass kApi = {
    "machine", "A machine: CPU, memory, and the kernel's part in it.",
    kFunctions};

int FileLookups(lua_State* l) {
  lua_pushinteger(l,
                  lua_Integer(Get<MemoryFile>(l, 1).file->mapping().lookups()));
  return 1;
}

constexpr ApiFunction kFileFunctions[] = {
    {"lookups", FileLookups, "file:lookups() -> number",
     "How often its page cache has been asked for a page, or to take one in."},
};
constexpr ApiClass kFileApi = {"file", "A file of shared memory, to be mapped.",
                               kFileFunctions};

}  // namespace

template <>
const ApiClass& ApiOf<Machine>() {
  return kApi;
}
template <>
const ApiClass& ApiOf<MemoryFile>() {
  return kFileApi;
}

}  // namespace faultline::script
