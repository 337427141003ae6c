// Memory calls: decoded here, done by guest_mm/calls.

#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"brk", nullptr, kNone, ""},
    {"get_mempolicy", nullptr, kNone, ""},
    {"madvise", nullptr, kNone, ""},
    {"map_shadow_stack", nullptr, kNone, ""},
    {"mbind", nullptr, kNone, ""},
    {"memfd_secret", nullptr, kNone, ""},
    {"migrate_pages", nullptr, kNone, ""},
    {"mincore", nullptr, kNone, ""},
    {"mlock", nullptr, kNone, ""},
    {"mlock2", nullptr, kNone, ""},
    {"mlockall", nullptr, kNone, ""},
    {"mmap", nullptr, kNone, ""},
    {"move_pages", nullptr, kNone, ""},
    {"mprotect", nullptr, kNone, ""},
    {"mremap", nullptr, kNone, ""},
    {"mseal", nullptr, kNone, ""},
    {"msync", nullptr, kNone, ""},
    {"munlock", nullptr, kNone, ""},
    {"munlockall", nullptr, kNone, ""},
    {"munmap", nullptr, kNone, ""},
    {"pkey_alloc", nullptr, kNone, ""},
    {"pkey_free", nullptr, kNone, ""},
    {"pkey_mprotect", nullptr, kNone, ""},
    {"process_madvise", nullptr, kNone, ""},
    {"process_mrelease", nullptr, kNone, ""},
    {"process_vm_readv", nullptr, kNone, ""},
    {"process_vm_writev", nullptr, kNone, ""},
    {"remap_file_pages", nullptr, kNone, ""},
    {"set_mempolicy", nullptr, kNone, ""},
    {"set_mempolicy_home_node", nullptr, kNone, ""},
    {"shmat", nullptr, kNone, ""},
    {"shmctl", nullptr, kNone, ""},
    {"shmdt", nullptr, kNone, ""},
    {"shmget", nullptr, kNone, ""},
};

}  // namespace

absl::Span<const SyscallSpec> MemoryCalls() { return kCalls; }

}  // namespace faultline::os
