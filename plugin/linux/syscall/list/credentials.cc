// Users, groups, capabilities, keys, security modules.

#include "plugin/linux/syscall/syscall_list.h"
#include "plugin/linux/task/calls.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"add_key", nullptr, kNone, ""},
    {"bpf", nullptr, kNone, ""},
    {"capget", SysCapget, kFull, ""},
    {"capset", SysCapset, kFull, ""},
    {"getegid", SysGetegid, kFull, ""},
    {"geteuid", SysGeteuid, kFull, ""},
    {"getgid", SysGetgid, kFull, ""},
    {"getgroups", SysGetgroups, kFull, ""},
    {"getresgid", SysGetresgid, kFull, ""},
    {"getresuid", SysGetresuid, kFull, ""},
    {"getuid", SysGetuid, kFull, ""},
    {"keyctl", nullptr, kNone, ""},
    {"landlock_add_rule", nullptr, kNone, ""},
    {"landlock_create_ruleset", nullptr, kNone, ""},
    {"landlock_restrict_self", nullptr, kNone, ""},
    {"lsm_get_self_attr", nullptr, kNone, ""},
    {"lsm_list_modules", nullptr, kNone, ""},
    {"lsm_set_self_attr", nullptr, kNone, ""},
    {"request_key", nullptr, kNone, ""},
    {"setfsgid", SysSetfsgid, kFull, ""},
    {"setfsuid", SysSetfsuid, kFull, ""},
    {"setgid", SysSetgid, kFull, ""},
    {"setgroups", SysSetgroups, kFull, ""},
    {"setregid", SysSetregid, kFull, ""},
    {"setresgid", SysSetresgid, kFull, ""},
    {"setresuid", SysSetresuid, kFull, ""},
    {"setreuid", SysSetreuid, kFull, ""},
    {"setuid", SysSetuid, kFull, ""},
};

}  // namespace

absl::Span<const SyscallSpec> CredentialsCalls() { return kCalls; }

}  // namespace faultline::os
