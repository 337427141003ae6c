#ifndef FAULTLINE_GUEST_MM_CALLS_SHARED_ANON_H_
#define FAULTLINE_GUEST_MM_CALLS_SHARED_ANON_H_

// The nameless file behind MAP_SHARED|MAP_ANONYMOUS. Linux: mm/shmem.c
// shmem_zero_setup(); /proc/PID/maps shows it as "/dev/zero (deleted)".

#include <memory>

#include "guest_mm/base/errno.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// All of its pages are committed at once, unless `flags` has kNoReserve.
// kENOMEM if they cannot be.
ErrnoOr<std::shared_ptr<MappedFile>> MakeSharedAnon(AddressSpace& mm,
                                                    uint64_t bytes,
                                                    VmaFlags flags);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_SHARED_ANON_H_
