// The machine as a whole, and calls that no Linux answers any more.

#include "plugin/linux/syscall/syscall_list.h"
#include "plugin/linux/system/calls.h"

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
    {"getcpu", SysGetcpu, kFull, ""},
    {"getpmsg", nullptr, kNone, ""},
    {"getrandom", SysGetrandom, kFull, ""},
    {"init_module", nullptr, kNone, ""},
    {"kexec_file_load", nullptr, kNone, ""},
    {"kexec_load", nullptr, kNone, ""},
    {"membarrier", SysMembarrier, kFull, ""},
    {"putpmsg", nullptr, kNone, ""},
    {"query_module", nullptr, kNone, ""},
    {"reboot", nullptr, kNone, ""},
    {"security", nullptr, kNone, ""},
    {"setdomainname", SysSetdomainname, kFull, ""},
    {"sethostname", SysSethostname, kFull, ""},
    {"sysinfo", SysSysinfo, kFull, ""},
    {"syslog", nullptr, kNone, ""},
    {"tuxcall", nullptr, kNone, ""},
    {"uname", SysUname, kFull, ""},
    {"vhangup", nullptr, kNone, ""},
    {"vserver", nullptr, kNone, ""},
};

}  // namespace

absl::Span<const SyscallSpec> SystemCalls() { return kCalls; }

}  // namespace faultline::os
