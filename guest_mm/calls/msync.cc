#include <algorithm>
#include <memory>

#include "guest_mm/calls/calls.h"
#include "guest_mm/file/mapping.h"

namespace faultline::mm {
namespace {

constexpr int kMsAsync = 1;
constexpr int kMsInvalidate = 2;
constexpr int kMsSync = 4;

// What the lock is dropped for: the file's bytes that one VMA maps.
struct FileBytes {
  std::shared_ptr<MappedFile> file;
  uint64_t offset = 0;
  uint64_t length = 0;
};

// One round of the walk, under the lock: goes from `*at` on until something
// has to be written or the range ends. kENOMEM: beyond the last VMA.
ErrnoOr<FileBytes> NextToWrite(AddressSpace& mm, GuestAddr end, int flags,
                               GuestAddr* at, bool* holes) {
  ReadGuard guard(mm.mmap_lock());
  while (*at < end) {
    const Vma* v = mm.vmas().FindAtOrAbove(*at);
    if (v == nullptr) {
      return Errno::kENOMEM;
    }
    if (*at < v->range.start) {
      if (flags == kMsAsync || v->range.start >= end) {
        return Errno::kENOMEM;
      }
      *at = v->range.start;
      *holes = true;
    }
    if ((flags & kMsInvalidate) != 0 && v->has(VmaFlag::kLocked)) {
      return Errno::kEBUSY;
    }
    const GuestRange part = GuestRange{*at, end}.Intersect(v->range);
    *at = part.end;
    if ((flags & kMsSync) != 0 && !v->anonymous() && v->shared()) {
      const PageShift shift = mm.page_shift();
      return FileBytes{v->file,
                       v->PageIndex(part.start, shift) << shift.value(),
                       part.size()};
    }
  }
  return FileBytes{};
}

}  // namespace

ErrnoOr<Done> Msync(AddressSpace& mm, GuestAddr start, uint64_t length,
                    int flags) {
  const PageShift shift = mm.page_shift();
  if ((flags & ~(kMsAsync | kMsInvalidate | kMsSync)) != 0 ||
      !start.IsPageAligned(shift) ||
      ((flags & kMsAsync) != 0 && (flags & kMsSync) != 0)) {
    return Errno::kEINVAL;
  }
  const GuestAddr end = start + GuestAddr(length).PageUp(shift).value();
  if (end < start) {
    return Errno::kENOMEM;
  }
  bool holes = false;
  for (GuestAddr at = start; at < end;) {
    FL_ASSIGN(const FileBytes bytes, NextToWrite(mm, end, flags, &at, &holes));
    if (bytes.file != nullptr) {
      FL_TRY(bytes.file->mapping().WriteBack(bytes.offset, bytes.length));
    }
  }
  if (holes) {
    return Errno::kENOMEM;
  }
  return kDone;
}

}  // namespace faultline::mm
