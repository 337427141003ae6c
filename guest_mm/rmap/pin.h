#ifndef FAULTLINE_GUEST_MM_RMAP_PIN_H_
#define FAULTLINE_GUEST_MM_RMAP_PIN_H_

// Holding a user page: with a reference, which keeps the frame from being
// freed, or with a pin, which says that its bytes are read or written behind
// the page tables' back: then it must stay the page that its space has mapped.
// Linux: mm/gup.c try_grab_folio(), gup_put_folio(); include/linux/mm.h
// folio_maybe_dma_pinned(), folio_needs_cow_for_dma().
//
// A pin is a reference that can be told apart: on a folio of one page it counts
// kPinBias references, so that pins show as a large count, which a thousand
// plain references look like, too; a huge folio has a count of its own. Callers
// of MaybeDmaPinned() must be right even if it is wrong that way.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/phys/frame.h"

namespace faultline::mm {

class AddressSpace;

enum class Grab : uint8_t { kGet, kPin };  // FOLL_GET, FOLL_PIN

inline constexpr int32_t kPinBias = 1024;  // GUP_PIN_COUNTING_BIAS

// is_zero_folio(): the page of zeros, or one of the huge one.
bool IsZeroPage(MemoryManager& system, Pfn pfn);

// Takes hold of `pfn`, a page that is mapped or has a reference already. The
// pages of zeros are there for ever: nothing is counted. kENOMEM: more hold it
// than can be counted.
ErrnoOr<Done> GrabPage(MemoryManager& system, Pfn pfn, Grab how);
// Lets go of it. It may be free then.
void ReleasePage(MemoryManager& system, Pfn pfn, Grab how);
// The same for a pinned page that was written to: it is marked so, under its
// page lock (unpin_user_pages_dirty_lock()). May wait.
void UnpinDirty(MemoryManager& system, Pfn pfn);

// folio_maybe_dma_pinned().
inline bool MaybeDmaPinned(const Frame& folio) {
  return folio.order > 0 ? folio.pincount > 0 : folio.refcount >= kPinBias;
}

// Would sharing the page with a child let the next store part `mm` from the
// page that its device knows? folio_needs_cow_for_dma(); the caller knows that
// the page is exclusive.
bool NeedsCowForDma(const AddressSpace& mm, const Frame& folio);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_PIN_H_
