#ifndef FAULTLINE_GUEST_MM_UFFD_MFILL_H_
#define FAULTLINE_GUEST_MM_UFFD_MFILL_H_

// Filling places that have no page: UFFDIO_COPY, ZEROPAGE, CONTINUE, POISON.
// Linux: mm/userfaultfd.c mfill_atomic().

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/uffd/uffd_context.h"

namespace faultline::mm {

// The tables for a page are there, its entry is not locked yet: khugepaged may
// take them away, a fault may map a huge page.
inline constexpr PointSite kUffdTablePoint{"uffd.fill.table"};
// And have been looked at for the second time.
inline constexpr PointSite kUffdCheckedPoint{"uffd.fill.checked"};
// The source of a copy is not in memory: all locks are dropped to fault it in.
inline constexpr PointSite kUffdUnlockedPoint{"uffd.copy.unlocked"};

enum class UffdFill : uint8_t {
  kCopy,      // bytes from memory of the caller's
  kZero,      // the page of zeros; of shared memory, a page of zeros
  kContinue,  // the page that the file has already
  kPoison,    // none: an access is a memory error
};

struct UffdFillRequest {
  UffdFill kind = UffdFill::kCopy;
  GuestRange range;              // page-aligned
  GuestAddr source{};            // kCopy: need not begin at a page
  AddressSpace* from = nullptr;  // kCopy: whose memory that is
  bool write_protect = false;    // kCopy, kContinue
};

// Fills page by page from the start and answers the bytes done, which are more
// than 0: an error that comes later only ends it. Takes mmap_lock for reading.
// kENOENT: the range is not inside one armed VMA. kEAGAIN: the space is
// changing, or a table was taken away. kEINVAL: not memory for this, or not
// registered for write-protection. kEEXIST: something is mapped there, or in
// the file. kEFAULT: the source cannot be read, beyond the file's end, the file
// has no page. kEIO: its page is poisoned. kENOMEM, kEINTR. kESRCH: the space
// is gone.
ErrnoOr<uint64_t> UffdFillRange(UffdContext& ctx,
                                const UffdFillRequest& request);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_MFILL_H_
