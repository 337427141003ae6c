#include "plugin/linux/memory/memory_failure.h"

#include "guest_mm/mm/address_space.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr int32_t kBusMceerrAo = 5;  // BUS_MCEERR_AO: nobody has touched it yet

// The thread of `process` that is to be told of a memory error at once, if any
// (find_early_kill_thread()).
Task* EarlyKillThread(Process& process, bool by_default) {
  for (Task* const thread : process.threads) {
    if (thread->mce_kill == MceKill::kEarly ||
        (thread->mce_kill == MceKill::kDefault && by_default)) {
      return thread;
    }
  }
  return nullptr;
}

}  // namespace

void ReportMemoryFailure(Kernel& kernel, mm::AddressSpace& mm,
                         mm::GuestAddr address, int lsb) {
  SigInfo info(kSigBus, kBusMceerrAo);
  info.fault.address = address.value();
  info.fault.address_lsb = uint8_t(lsb);
  const bool by_default = mm.system().sysctl().memory_failure_early_kill;
  for (const auto& [pid, process] : kernel.processes().processes()) {
    if (process->threads.empty() ||
        process->threads.front()->shared.mm.get() != &mm) {
      continue;
    }
    if (Task* const thread = EarlyKillThread(*process, by_default)) {
      (void)SendSignal(*thread, info);
    }
  }
}

}  // namespace faultline::os
