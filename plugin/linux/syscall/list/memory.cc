// Memory calls: decoded here, done by guest_mm/calls.

#include "plugin/linux/memory/calls.h"
#include "plugin/linux/memory/shm.h"
#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"brk", SysBrk, kFull, ""},
    {"get_mempolicy", SysGetMempolicy, kPartial,
     "one node; policies of ranges are not kept"},
    {"madvise", SysMadvise, kFull, ""},
    {"map_shadow_stack", nullptr, kNone, ""},
    {"mbind", SysMbind, kPartial, "one node: checked, without effect"},
    {"memfd_secret", nullptr, kNone, ""},
    {"migrate_pages", nullptr, kNone, ""},
    {"mincore", SysMincore, kFull, ""},
    {"mlock", SysMlock, kFull, ""},
    {"mlock2", SysMlock2, kFull, ""},
    {"mlockall", SysMlockall, kFull, ""},
    {"mmap", SysMmap, kFull, ""},
    {"move_pages", nullptr, kNone, ""},
    {"mprotect", SysMprotect, kFull, ""},
    {"mremap", SysMremap, kFull, ""},
    {"mseal", SysMseal, kFull, ""},
    {"msync", SysMsync, kFull, ""},
    {"munlock", SysMunlock, kFull, ""},
    {"munlockall", SysMunlockall, kFull, ""},
    {"munmap", SysMunmap, kFull, ""},
    {"pkey_alloc", SysPkeyAlloc, kRefused, "the CPU has no protection keys"},
    {"pkey_free", SysPkeyFree, kRefused, "the CPU has no protection keys"},
    {"pkey_mprotect", SysPkeyMprotect, kRefused,
     "the CPU has no protection keys; key -1 works"},
    {"process_madvise", SysProcessMadvise, kFull, ""},
    {"process_mrelease", SysProcessMrelease, kFull, ""},
    {"process_vm_readv", SysProcessVmReadv, kFull, ""},
    {"process_vm_writev", SysProcessVmWritev, kFull, ""},
    {"remap_file_pages", SysRemapFilePages, kFull, ""},
    {"set_mempolicy", SysSetMempolicy, kPartial,
     "one node: kept, without effect"},
    {"set_mempolicy_home_node", nullptr, kNone, ""},
    {"shmat", SysShmat, kFull, ""},
    {"shmctl", SysShmctl, kPartial, "SHM_LOCK is noted, pages stay evictable"},
    {"shmdt", SysShmdt, kFull, ""},
    {"shmget", SysShmget, kFull, ""},
    {"swapoff", SysSwapoff, kPartial, "the area stays: ENOMEM"},
    {"swapon", SysSwapon, kPartial, "areas are made by --swap"},
};

}  // namespace

absl::Span<const SyscallSpec> MemoryCalls() { return kCalls; }

}  // namespace faultline::os
