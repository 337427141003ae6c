#include <memory>
#include <utility>

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/vma/mte.h"

namespace faultline::mm {

// fs/exec.c __bprm_mm_init() and setup_arg_pages(), without the detour over a
// temporary place.
ErrnoOr<Done> SetupStack(AddressSpace& mm, GuestAddr top, uint64_t bytes,
                         Prot prot) {
  const GuestRange range{(top - bytes).PageDown(mm.page_shift()), top};
  return UnderWriteLock(mm, [&]() -> ErrnoOr<Done> {
    FL_ASSIGN(auto vma, NewVma(mm));
    vma->range = range;
    vma->flags = VmaFlags::FromProt(prot) | VmaFlag::kMayRead |
                 VmaFlag::kMayWrite | VmaFlag::kMayExec | VmaFlag::kGrowsDown |
                 VmaFlag::kAccount | mm.def_flags | mm.soft_dirty |
                 MteAllowed(mm.system().arch());
    vma->pgoff = range.start.value() >> mm.page_shift().value();
    const PageCount pages = range.Pages(mm.page_shift());
    if (mm.vmas().Overlaps(range) || !MayExpandVm(mm, vma->flags, pages) ||
        !EnoughMemory(mm, int64_t(pages.value()))) {
      return Errno::kENOMEM;
    }
    mm.vmas().Insert(std::move(vma), VmaSet::Merge::kNone);
    return kDone;
  });
}

}  // namespace faultline::mm
