#ifndef FAULTLINE_GUEST_MM_UFFD_MOVE_PAGES_H_
#define FAULTLINE_GUEST_MM_UFFD_MOVE_PAGES_H_

// UFFDIO_MOVE: anonymous pages change their place in the space, with no copy
// and no change of VMAs. Linux: mm/userfaultfd.c move_pages().

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/uffd/uffd_context.h"

namespace faultline::mm {

// Both entries have been looked at, neither is locked.
inline constexpr PointSite kUffdMovePoint{"uffd.move"};
// Something changed under it: it begins again with the page at hand.
inline constexpr PointSite kUffdMoveAgainPoint{"uffd.move.again"};

enum class SourceHoles : bool { kRefused, kAllowed };

// Moves the pages of `from` to `to`, as many bytes; answers the bytes moved,
// which are more than 0: a later error only ends it. Takes mmap_lock for
// reading. kENOENT: no VMA, or a hole at the source. kEEXIST: something is at
// the target. kEBUSY: the page is not the space's alone. kEINVAL: VMAs that
// are not alike, not armed by `ctx`, or not private and anonymous. kEFAULT: not
// a page. kEAGAIN: the space is changing. kENOMEM, kEINTR. kESRCH: it is gone.
ErrnoOr<uint64_t> UffdMovePages(UffdContext& ctx, GuestAddr to, GuestRange from,
                                SourceHoles holes);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_MOVE_PAGES_H_
