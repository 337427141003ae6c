// The machine as a whole, and calls that no Linux answers any more.

#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"_sysctl", nullptr, kNone, ""},
    {"acct", nullptr, kNone, ""},
    {"afs_syscall", nullptr, kNone, ""},
    {"create_module", nullptr, kNone, ""},
    {"delete_module", nullptr, kNone, ""},
    {"finit_module", nullptr, kNone, ""},
    {"get_kernel_syms", nullptr, kNone, ""},
    {"getcpu", nullptr, kNone, ""},
    {"getpmsg", nullptr, kNone, ""},
    {"getrandom", nullptr, kNone, ""},
    {"init_module", nullptr, kNone, ""},
    {"kexec_file_load", nullptr, kNone, ""},
    {"kexec_load", nullptr, kNone, ""},
    {"membarrier", nullptr, kNone, ""},
    {"putpmsg", nullptr, kNone, ""},
    {"query_module", nullptr, kNone, ""},
    {"reboot", nullptr, kNone, ""},
    {"security", nullptr, kNone, ""},
    {"setdomainname", nullptr, kNone, ""},
    {"sethostname", nullptr, kNone, ""},
    {"sysinfo", nullptr, kNone, ""},
    {"syslog", nullptr, kNone, ""},
    {"tuxcall", nullptr, kNone, ""},
    {"uname", nullptr, kNone, ""},
    {"vhangup", nullptr, kNone, ""},
    {"vserver", nullptr, kNone, ""},
};

}  // namespace

absl::Span<const SyscallSpec> SystemCalls() { return kCalls; }

}  // namespace faultline::os
