#include "plugin/linux/fs/proc/pagemap_ioctl.h"

#include <algorithm>
#include <cstddef>

#include "guest_mm/mm/pagemap_scan.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint32_t kPagemapScan = 0xc0606610;  // _IOWR('f', 16, PmScanArg)

// struct pm_scan_arg.
struct PmScanArg {
  uint64_t size;
  uint64_t flags;
  uint64_t start;
  uint64_t end;
  uint64_t walk_end;
  uint64_t vec;
  uint64_t vec_len;
  uint64_t max_pages;
  uint64_t inverted;
  uint64_t mask;
  uint64_t anyof;
  uint64_t returned;
};
static_assert(sizeof(PmScanArg) == 96);

// Regions that are copied out at a time (PAGEMAP_WALK_SIZE >> PAGE_SHIFT).
constexpr uint64_t kChunk = 512;

// access_ok().
bool InUserSpace(Task& task, uint64_t start, uint64_t bytes) {
  const uint64_t end = task.mm().system().arch().layout().user_end.value();
  return bytes <= end && start <= end - bytes;
}

// pagemap_scan_get_args().
ErrnoOr<PmScanArg> GetArgs(Task& task, uint64_t user) {
  FL_ASSIGN(PmScanArg a, task.user().Get<PmScanArg>(user));
  constexpr uint64_t kFlags = mm::kScanWpMatching | mm::kScanCheckWpAsync;
  if (a.size != sizeof a || (a.flags & ~kFlags) != 0 ||
      ((a.inverted | a.mask | a.anyof | a.returned) & ~mm::kPageCategories) !=
          0) {
    return Errno::kEINVAL;
  }
  const mm::ArchOps& arch = task.mm().system().arch();
  const mm::PageShift shift = task.mm().page_shift();
  a.start = arch.Untag(mm::GuestAddr(a.start)).value();
  a.end = arch.Untag(mm::GuestAddr(a.end)).value();
  a.vec = arch.Untag(mm::GuestAddr(a.vec)).value();
  if (!mm::GuestAddr(a.start).IsPageAligned(shift)) {
    return Errno::kEINVAL;
  }
  if (!InUserSpace(task, a.start, a.end - a.start)) {
    return Errno::kEFAULT;
  }
  if (a.vec == 0 && a.vec_len != 0) {
    return Errno::kEINVAL;
  }
  if (a.vec != 0 &&
      !InUserSpace(task, a.vec, a.vec_len * sizeof(mm::PageRegion))) {
    return Errno::kEFAULT;
  }
  a.end = mm::GuestAddr(a.end).PageUp(shift).value();
  a.max_pages = a.max_pages == 0 ? ~uint64_t{0} : a.max_pages;
  return a;
}

mm::PagemapScan Request(const PmScanArg& a, uint64_t from, uint64_t regions,
                        uint64_t pages) {
  mm::PagemapScan scan;
  scan.flags = a.flags;
  scan.range = {mm::GuestAddr(from), mm::GuestAddr(a.end)};
  scan.max_pages = a.max_pages - pages;
  scan.max_regions = size_t(std::min(a.vec_len - regions, kChunk));
  scan.inverted = a.inverted;
  scan.mask = a.mask;
  scan.anyof = a.anyof;
  scan.returned = a.returned;
  return scan;
}

// do_pagemap_scan().
ErrnoOr<uint64_t> Scan(Task& task, mm::AddressSpace* mm, uint64_t user) {
  FL_ASSIGN(const PmScanArg a, GetArgs(task, user));
  uint64_t regions = 0, pages = 0;
  uint64_t at = a.start;
  bool more = mm != nullptr;
  Errno error = Errno::kOk;
  while (more && at < a.end) {
    const auto scanned = mm::ScanPagemap(*mm, Request(a, at, regions, pages));
    if (!scanned.ok()) {
      error = scanned.error();
      break;
    }
    const auto bytes = absl::MakeConstSpan(
        reinterpret_cast<const std::byte*>(scanned->regions.data()),
        scanned->regions.size() * sizeof(mm::PageRegion));
    if (task.user().CopyTo(a.vec + regions * sizeof(mm::PageRegion), bytes) !=
        0) {
      error = Errno::kEFAULT;
      break;
    }
    regions += scanned->regions.size();
    pages += scanned->pages;
    at = scanned->walk_end.value();
    more = scanned->full && regions < a.vec_len && pages < a.max_pages;
  }
  const uint64_t walk_end = mm == nullptr ? a.end : at;
  FL_TRY(task.user().Put(user + offsetof(PmScanArg, walk_end), walk_end));
  if (error != Errno::kOk) {
    return error;
  }
  return regions;
}

}  // namespace

ErrnoOr<uint64_t> PagemapIoctl(Task& task, mm::AddressSpace* mm,
                               uint32_t request, uint64_t arg) {
  return request == kPagemapScan ? Scan(task, mm, arg) : Errno::kEINVAL;
}

}  // namespace faultline::os
