// Pages that others bring: userfaultfd's. Linux: mm/shmem.c
// shmem_mfill_atomic_pte().

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"

namespace faultline::mm {

ErrnoOr<Done> Mapping::AddNewPage(uint64_t index, Pfn pfn) {
  ++lookups_;
  // No room in the file system is no memory to who fills its pages.
  if (!TakeRoom(PageCount(1))) {
    return Errno::kENOMEM;
  }
  if (AnyPageIn(index, index + 1)) {
    GiveRoom(PageCount(1));
    return Errno::kEEXIST;
  }
  Insert(index, pfn);
  phys_.frame(pfn).uptodate = true;  // its entry says that it is dirty
  return kDone;
}

void Mapping::RemoveNewPage(Pfn pfn) {
  const Frame& frame = phys_.frame(pfn);
  FL_CHECK(frame.mapping == this && frame.mapcount == 0);
  Forget(pfn);
}

}  // namespace faultline::mm
