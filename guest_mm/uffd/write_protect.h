#ifndef FAULTLINE_GUEST_MM_UFFD_WRITE_PROTECT_H_
#define FAULTLINE_GUEST_MM_UFFD_WRITE_PROTECT_H_

// Write-protection page by page, in the tables and not in the VMA. Linux:
// mm/userfaultfd.c mwriteprotect_range(), uffd_wp_range(); mm/mprotect.c
// change_protection() with MM_CP_UFFD_WP.
//
// A place without a page is protected by a marker, where the VMA uses those
// (UffdUsesMarkers()): then its table must exist.

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/uffd/uffd_context.h"

namespace faultline::mm {

enum class UffdProtection : uint8_t { kProtect, kResolve };

// What the proposed longer form of the ioctl tells (wp-partial-report).
struct UffdWpReport {
  // Pages that a device may write to stay as they are: protecting them would
  // tell of nothing.
  bool skip_pinned = false;
  // Bytes: those left out, and, after an error, what lies beyond it.
  uint64_t not_protected = 0;
};

// UFFDIO_WRITEPROTECT: the VMAs of `range` one after the other. kEAGAIN: the
// space is changing. kENOENT: a VMA that is not armed for it, or none. A table
// that cannot be had: as behaviours wp-enomem and wp-errno-sum say. What lies
// before an error stays protected. kESRCH: the space is gone. Takes mmap_lock
// for reading.
// `report`: wanted; then an error is told as it is.
ErrnoOr<Done> UffdWriteProtect(UffdContext& ctx, GuestRange range,
                               UffdProtection how,
                               UffdWpReport* report = nullptr);

// The entries of `range`, inside `v`. Answers as change_protection() does: the
// number of pages and markers that it went over, or less than 0 for an error;
// Linux adds the one to the other where the parts of a range differ.
// mmap_lock is held for reading.
int64_t ChangeUffdWp(AddressSpace& mm, Vma& v, GuestRange range,
                     UffdProtection how, UffdWpReport* report = nullptr);

// The same of a hugetlb VMA, where a range is whole huge pages
// (hugetlb_change_protection()).
int64_t ChangeHugetlbUffdWp(Vma& v, GuestRange range, UffdProtection how,
                            UffdWpReport* report = nullptr);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_WRITE_PROTECT_H_
