#ifndef FAULTLINE_GUEST_MM_UFFD_REGISTER_H_
#define FAULTLINE_GUEST_MM_UFFD_REGISTER_H_

// Which memory a userfaultfd watches. Linux: fs/userfaultfd.c
// userfaultfd_register(), userfaultfd_unregister(), userfaultfd_clear_vma().
// Each takes mmap_lock for writing.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/uffd/uffd_context.h"

namespace faultline::mm {

// Whole pages, not empty, in user space and above mmap_min_addr: kEINVAL
// (validate_range()).
ErrnoOr<GuestRange> ValidateUffdRange(const AddressSpace& mm, GuestAddr start,
                                      uint64_t length);
// The same for what need not begin at a page (validate_unaligned_range()).
ErrnoOr<Done> ValidateUffdSource(const AddressSpace& mm, GuestAddr start,
                                 uint64_t length);

// Arms the VMAs of `range` with `modes` (kUffdMode*), splitting those at its
// edges and merging with neighbours of the same context. Answers the ioctls
// that now work on the range. kEINVAL: nothing mapped, or memory that cannot
// be watched so. kEPERM: the file may not be written. kEBUSY: another's.
// kENOMEM: no memory for a split (VMAs before it stay armed), or the space is
// gone.
ErrnoOr<uint64_t> UffdRegister(UffdContext& ctx, GuestRange range,
                               uint64_t modes);

// Disarms the VMAs of `range`, whoever's they are; who waits for a missing
// page there is woken. kEINVAL, kENOMEM as above.
ErrnoOr<Done> UffdUnregister(UffdContext& ctx, GuestRange range);

// Disarms all VMAs of `ctx`, before it goes (userfaultfd_release_all()).
void ForgetContext(UffdContext& ctx);
// The same for a child whose context nobody will ever have
// (userfaultfd_release_new()): what was protected is left to faults.
void DisarmChild(UffdContext& ctx);

// Takes context and modes from `v` where it stands. mmap_lock is held for
// writing (userfaultfd_reset_ctx()).
void DisarmInPlace(Vma& v);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_REGISTER_H_
