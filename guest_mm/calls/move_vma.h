#ifndef FAULTLINE_GUEST_MM_CALLS_MOVE_VMA_H_
#define FAULTLINE_GUEST_MM_CALLS_MOVE_VMA_H_

// What mremap does once a place has been found: a mapping's VMA and pages are
// moved there. Linux: mm/mremap.c move_vma().

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/uffd/events.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

inline constexpr uint64_t kMremapMayMove = 1;
inline constexpr uint64_t kMremapFixed = 2;
inline constexpr uint64_t kMremapDontUnmap = 4;

// The arguments of mremap(2); lengths are whole pages by now.
struct MremapRequest {
  GuestAddr old_start;
  uint64_t old_length;
  uint64_t new_length;
  uint64_t flags;
  GuestAddr new_start;
  bool fixed() const { return (flags & kMremapFixed) != 0; }
  bool keep_old() const { return (flags & kMremapDontUnmap) != 0; }
  bool moves() const { return fixed() || keep_old(); }
};

struct Moved {
  GuestAddr at;
  GuestRange populate;  // locked memory that was gained
};

// What userfaultfds are told afterwards, in this order.
struct MremapEvents {
  UffdUnmapEvents unmapped_first;  // at the new place
  UffdRemapEvent remapped;
  UffdUnmapEvents unmapped;  // at the old one
};

// Until 6.17 a VMA's fitness was judged after the target had been unmapped.
bool MremapJudgesFirst(const AddressSpace& mm);

// Moves what `r` asks for, all of it in `v`, to `to`, where nothing is mapped.
// mmap_lock is held for writing. kENOMEM: nothing has moved, though `v` may
// have been split, and what lay in the way of `to` before has gone.
ErrnoOr<Moved> MoveVma(AddressSpace& mm, Vma& v, const MremapRequest& r,
                       GuestAddr to, MremapEvents& events);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_MOVE_VMA_H_
