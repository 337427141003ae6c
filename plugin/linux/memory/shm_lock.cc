// SHM_LOCK: who pays for a locked segment. Linux: mm/mlock.c user_shm_lock(),
// user_shm_unlock().

#include "plugin/linux/fs/path_file.h"
#include "plugin/linux/memory/shm.h"
#include "plugin/linux/memory/shm_access.h"

namespace faultline::os {

ErrnoOr<Done> SysvShm::Lock(ShmSegment& s, uint32_t uid, mm::PageCount pages,
                            mm::PageCount limit) {
  if ((s.mode & kShmLocked) != 0) {
    return kDone;
  }
  mm::PageCount& locked = locked_[uid];
  if (locked + pages > limit) {
    return Errno::kENOMEM;
  }
  locked += pages;
  s.mode |= kShmLocked;
  s.locked_by = uid;
  s.locked = pages;
  return kDone;
}

void SysvShm::Unlock(ShmSegment& s) {
  if ((s.mode & kShmLocked) == 0) {
    return;
  }
  s.mode &= ~kShmLocked;
  locked_[s.locked_by] -= s.locked;
}

}  // namespace faultline::os
