#include "plugin/linux/futex/futex_key.h"

#include "guest_mm/file/mapped_file.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/lock.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

ErrnoOr<FutexKey> GetFutexKey(Task& task, uint64_t uaddr, FutexScope scope) {
  if (uaddr % 4 != 0) {
    return Errno::kEINVAL;
  }
  mm::AddressSpace& mm = task.mm();
  const mm::ArchOps& arch = mm.system().arch();
  const mm::GuestAddr address = arch.Untag(mm::GuestAddr(uaddr));
  if (address >= arch.layout().user_end) {
    return Errno::kEFAULT;
  }
  FutexKey key;
  key.mm_id = mm.id();
  key.offset = address.value();
  if (scope == FutexScope::kPrivate) {
    return key;
  }
  FL_TRY(task.user().Get<uint32_t>(uaddr));
  mm::ReadGuard guard(mm.mmap_lock());
  const mm::Vma* vma = mm.vmas().Find(address);
  if (vma == nullptr) {
    return Errno::kEFAULT;  // unmapped since it was read
  }
  if (vma->shared() && vma->file != nullptr) {
    key.mapping = &vma->file->mapping();
    key.mm_id = 0;
    key.offset =
        (vma->PageIndex(address, mm.page_shift()) << mm.page_shift().value()) +
        address.PageOffset(mm.page_shift());
    key.keep_alive = vma->file;
  }
  return key;
}

}  // namespace faultline::os
