#ifndef FAULTLINE_PLUGIN_LINUX_MEMORY_MEMORY_FAILURE_H_
#define FAULTLINE_PLUGIN_LINUX_MEMORY_MEMORY_FAILURE_H_

// Who is told that memory was lost. Linux: mm/memory-failure.c kill_procs().

#include "guest_mm/base/addr.h"

namespace faultline::mm {
class AddressSpace;
}

namespace faultline::os {

class Kernel;

// Data of `mm` was lost at `address`, and none of its threads has touched it
// yet: those processes are sent SIGBUS that want to know before they do
// (PR_MCE_KILL, vm.memory_failure_early_kill).
void ReportMemoryFailure(Kernel& kernel, mm::AddressSpace& mm,
                         mm::GuestAddr address, int lsb);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_MEMORY_MEMORY_FAILURE_H_
