#ifndef FAULTLINE_GUEST_MM_SYNC_POINT_H_
#define FAULTLINE_GUEST_MM_SYNC_POINT_H_

// A schedule point: a named place where another actor may run.
// Names are dotted and say what has just happened or is about to:
// "mmap_lock.read", "pte.lock", "page.alloc", "tlb.flush", "syscall.enter".
// Define one `inline constexpr PointSite` next to the code it marks, never two
// with one name.

namespace faultline::mm {

struct PointSite {
  const char* name;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_POINT_H_
