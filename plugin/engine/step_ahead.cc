// On x86 the engine translates straight on into the next page before it runs
// what comes first, so a fetch from that page is refused with the program
// counter still on the earlier instructions. Mostly that is a page not yet
// faulted in, and being early does no harm. If it may end as a signal, the
// instructions before it are run one by one, until the fetch is refused with
// the program counter where a CPU would have it, or they went another way.

#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"

namespace faultline::engine {
namespace {

constexpr uint64_t PageOf(uint64_t va) { return va & ~(kEnginePageBytes - 1); }

}  // namespace

// True if the last refusal was such a fetch. A VMA that allows it is taken as
// a sign that the fault will be resolved; being wrong costs precision only.
bool Cpu::Impl::RefusedAhead() {
  if (refusal.access != mm::Access::kExec || PageOf(pc()) == refusal.va ||
      !port.TranslatesAhead()) {
    return false;
  }
  const mm::Vma* vma =
      mm == nullptr ? nullptr : mm->vmas().Find(mm::GuestAddr(refusal.va));
  return vma == nullptr || !vma->has(mm::VmaFlag::kExec);
}

// True if `refusal` or `stop` now say what to report, exactly; false: nothing
// to report, run on.
bool Cpu::Impl::StepToRefusal(uc_err* err) {
  const uint64_t page = PageOf(pc());
  const uint64_t limit = block_limit;
  block_limit = 0;  // these count for nothing: few, and always the same
  bool report = false;
  for (uint64_t i = 0; i < kEnginePageBytes && PageOf(pc()) == page; ++i) {
    if (!port.SetSingleStep(uc, SingleStep::kOn)) {
      report = true;  // the guest steps itself: it is exact already
      break;
    }
    *err = Enter(pc());
    port.SetSingleStep(uc, SingleStep::kOff);
    const bool stepped = *err == UC_ERR_OK && stop == Stop::kInterrupt &&
                         port.IsSingleStep(interrupt);
    if (!stepped) {
      report = !retry;
      break;
    }
  }
  block_limit = limit;
  return report;
}

}  // namespace faultline::engine
