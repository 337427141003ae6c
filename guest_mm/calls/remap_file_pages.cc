#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/calls/mmap.h"
#include "guest_mm/calls/populate.h"

namespace faultline::mm {
namespace {

// Does one stretch of the file's VMAs, alike and without a hole, cover it?
bool Covered(AddressSpace& mm, const Vma& first, GuestRange range) {
  const Vma* v = &first;
  while (v->range.end < range.end) {
    const Vma* next = mm.vmas().Next(*v);
    if (next == nullptr || next->range.start != v->range.end ||
        next->file != first.file || next->flags != first.flags) {
      return false;
    }
    v = next;
  }
  return true;
}

}  // namespace

// Since 4.0 an ordinary mmap over the old place.
ErrnoOr<Done> RemapFilePages(AddressSpace& mm, GuestAddr start, uint64_t size,
                             uint64_t prot, uint64_t pgoff, uint64_t flags) {
  const PageShift shift = mm.page_shift();
  start = start.PageDown(shift);
  size &= ~shift.mask();
  const GuestRange range = GuestRange::At(start, size);
  if (prot != 0 || range.empty() || pgoff + (size >> shift.value()) < pgoff) {
    return Errno::kEINVAL;
  }
  const auto remap = [&]() -> ErrnoOr<Mapped> {
    const Vma* v = mm.vmas().Find(start);
    if (v == nullptr || !v->shared() || !Covered(mm, *v, range)) {
      return Errno::kEINVAL;
    }
    MmapRequest request;
    request.hint = start;
    request.length = size;
    request.prot = v->prot().bits();
    request.flags = (flags & kMapNonBlock) | kMapShared | kMapFixed |
                    kMapPopulate | (v->has(VmaFlag::kLocked) ? kMapLocked : 0);
    request.file = v->file;
    request.pgoff = pgoff;
    request.file_readable = v->has(VmaFlag::kMayRead);
    request.file_writable = v->has(VmaFlag::kMayWrite);
    request.file_noexec = !v->has(VmaFlag::kMayExec);
    return MmapLocked(mm, request);
  };
  FL_ASSIGN(const Mapped mapped, UnderWriteLock(mm, remap));
  if (mapped.populate) {
    (void)PopulateVmas(mm, range, OnError::kGoOn);
  }
  return kDone;
}

}  // namespace faultline::mm
