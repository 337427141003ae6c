#ifndef FAULTLINE_GUEST_MM_GUP_GUP_H_
#define FAULTLINE_GUEST_MM_GUP_GUP_H_

// GUP: from user addresses to the pages behind them, faulted in and held, so
// that the kernel or a device can use them without the addresses. Linux:
// mm/gup.c get_user_pages(), pin_user_pages(), gup_fast().
//
// Each answers with how many pages it got, in order of address, which are
// appended to `pages` and held in the way that `flags` says: the caller lets go
// of them (rmap/pin.h). An error is the first page's; later ones make the count
// short. No lock is held by the caller but where it says so.
//
// kEFAULT: no mapping, or it or `flags` forbid the access, or it would raise a
// signal. kEHWPOISON if asked for. kENOMEM. kEINTR: the caller is being killed.

#include <cstdint>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

class AddressSpace;

// Without locks: about to look; has seen the entry, and is about to take hold
// of its page; has it, and is about to see whether the entry is the same; has
// all, and is about to see whether a fork took rights away meanwhile.
inline constexpr PointSite kGupFastPoint{"gup.fast"};
inline constexpr PointSite kGupFastSeenPoint{"gup.fast.seen"};
inline constexpr PointSite kGupFastHeldPoint{"gup.fast.held"};
inline constexpr PointSite kGupFastDonePoint{"gup.fast.done"};
// Under mmap_lock, before each page that is not there as wanted.
inline constexpr PointSite kGupFaultPoint{"gup.fault"};

// FOLL_* flags.
struct GupFlags {
  Grab grab = Grab::kGet;
  bool write = false;      // FOLL_WRITE
  bool force = false;      // FOLL_FORCE: as a debugger, whatever the rights
  bool longterm = false;   // FOLL_LONGTERM: for as long as user space likes
  bool no_fault = false;   // FOLL_NOFAULT: only what is there
  bool hw_poison = false;  // FOLL_HWPOISON: tell poison from other faults
};

// get_user_pages_unlocked(), pin_user_pages_unlocked(): the pages of [start,
// start + n pages). mmap_lock is taken for reading, and given back and taken
// again around waits. A page that is being waited for is not a page got.
ErrnoOr<uint64_t> GetUserPages(AddressSpace& mm, GuestAddr start, uint64_t n,
                               const GupFlags& flags, std::vector<Pfn>* pages);

// get_user_pages_fast(), pin_user_pages_fast(): the same for the running
// space, without mmap_lock as far as the pages are there as wanted. kEFAULT
// also for a range that is not in user space.
ErrnoOr<uint64_t> GetUserPagesFast(AddressSpace& mm, GuestAddr start,
                                   uint64_t n, const GupFlags& flags,
                                   std::vector<Pfn>* pages);

// get_user_pages_remote() for one page with mmap_lock held, which is kept
// through any wait.
ErrnoOr<Pfn> GetUserPageLocked(AddressSpace& mm, GuestAddr a,
                               const GupFlags& flags);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_GUP_GUP_H_
