// Users, groups, capabilities, keys, security modules.

#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"add_key", nullptr, kNone, ""},
    {"bpf", nullptr, kNone, ""},
    {"capget", nullptr, kNone, ""},
    {"capset", nullptr, kNone, ""},
    {"getegid", nullptr, kNone, ""},
    {"geteuid", nullptr, kNone, ""},
    {"getgid", nullptr, kNone, ""},
    {"getgroups", nullptr, kNone, ""},
    {"getresgid", nullptr, kNone, ""},
    {"getresuid", nullptr, kNone, ""},
    {"getuid", nullptr, kNone, ""},
    {"keyctl", nullptr, kNone, ""},
    {"landlock_add_rule", nullptr, kNone, ""},
    {"landlock_create_ruleset", nullptr, kNone, ""},
    {"landlock_restrict_self", nullptr, kNone, ""},
    {"lsm_get_self_attr", nullptr, kNone, ""},
    {"lsm_list_modules", nullptr, kNone, ""},
    {"lsm_set_self_attr", nullptr, kNone, ""},
    {"request_key", nullptr, kNone, ""},
    {"setfsgid", nullptr, kNone, ""},
    {"setfsuid", nullptr, kNone, ""},
    {"setgid", nullptr, kNone, ""},
    {"setgroups", nullptr, kNone, ""},
    {"setregid", nullptr, kNone, ""},
    {"setresgid", nullptr, kNone, ""},
    {"setresuid", nullptr, kNone, ""},
    {"setreuid", nullptr, kNone, ""},
    {"setuid", nullptr, kNone, ""},
};

}  // namespace

absl::Span<const SyscallSpec> CredentialsCalls() { return kCalls; }

}  // namespace faultline::os
