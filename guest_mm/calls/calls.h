#ifndef FAULTLINE_GUEST_MM_CALLS_CALLS_H_
#define FAULTLINE_GUEST_MM_CALLS_CALLS_H_

// The memory calls, as operations on an AddressSpace. Each is a file of its
// own in this folder and answers to the function of mm/ named with it. Flags
// are Linux's numbers (include/uapi): the system-call layer passes them on.
// Each takes mmap_lock itself; none is held on entry or return.
// On failure nothing has changed unless said.

#include <cstdint>
#include <memory>

#include "absl/types/span.h"
#include "guest_mm/base/access.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// mmap_lock is taken killably where Linux does: kEINTR then.

// Flag numbers common to both architectures (asm-generic/mman-common.h).
inline constexpr uint64_t kMapShared = 0x01;
inline constexpr uint64_t kMapPrivate = 0x02;
inline constexpr uint64_t kMapSharedValidate = 0x03;
inline constexpr uint64_t kMapFixed = 0x10;
inline constexpr uint64_t kMapAnonymous = 0x20;
inline constexpr uint64_t kMapGrowsDown = 0x0100;
inline constexpr uint64_t kMapDenyWrite = 0x0800;
inline constexpr uint64_t kMapLocked = 0x2000;
inline constexpr uint64_t kMapNoReserve = 0x4000;
inline constexpr uint64_t kMapPopulate = 0x8000;
inline constexpr uint64_t kMapNonBlock = 0x10000;
inline constexpr uint64_t kMapStack = 0x20000;
inline constexpr uint64_t kMapHugeTlb = 0x40000;
inline constexpr uint64_t kMapSync = 0x80000;
inline constexpr uint64_t kMapFixedNoReplace = 0x100000;

struct MmapRequest {
  GuestAddr hint;
  uint64_t length = 0;
  uint64_t prot = 0;   // PROT_*, as passed: unknown bits are judged here
  uint64_t flags = 0;  // MAP_*
  std::shared_ptr<MappedFile> file;
  bool no_mmap = false;  // there is a file, but none that can be mapped
  uint64_t pgoff = 0;
  // What the descriptor allows: VM_MAYREAD/MAYWRITE/MAYEXEC come from it.
  bool file_readable = true;
  bool file_writable = true;
  bool file_noexec = false;
  // If not empty: look for room bottom-up in here (x86 MAP_32BIT).
  GuestRange window;
};
// mm/mmap.c do_mmap(), vm_mmap_pgoff(). kEINVAL, kENOMEM, kEOVERFLOW, kEEXIST,
// kEPERM, kEAGAIN, kEACCES, kENODEV, kEOPNOTSUPP as Linux, and in its order.
// What was mapped in the place of a MAP_FIXED request may have been split by a
// call that fails.
ErrnoOr<GuestAddr> Mmap(AddressSpace& mm, const MmapRequest& request);
// do_munmap(). An error after a split may leave the split.
ErrnoOr<Done> Munmap(AddressSpace& mm, GuestAddr start, uint64_t length);
// mm/mprotect.c do_mprotect_pkey(). VMAs before the failing one stay changed.
ErrnoOr<Done> Mprotect(AddressSpace& mm, GuestAddr start, uint64_t length,
                       uint64_t prot);
// mm/mseal.c: from then on the VMAs of the range can be neither unmapped nor
// moved nor given other rights; there is no way back. kEINVAL, kENOMEM (a
// hole: nothing is sealed; no room for a split: what lies before it is).
ErrnoOr<Done> Mseal(AddressSpace& mm, GuestAddr start, uint64_t length,
                    uint64_t flags);
// mm/mremap.c.
ErrnoOr<GuestAddr> Mremap(AddressSpace& mm, GuestAddr old_start,
                          uint64_t old_length, uint64_t new_length,
                          uint64_t flags, GuestAddr new_start);
// Returns the break: the old one where Linux refuses.
GuestAddr Brk(AddressSpace& mm, GuestAddr brk);
// mm/madvise.c. kENOMEM for holes after doing the rest.
ErrnoOr<Done> Madvise(AddressSpace& mm, GuestAddr start, uint64_t length,
                      int advice);
// One byte a page; `out` is filled from the start even if kENOMEM follows.
ErrnoOr<Done> Mincore(AddressSpace& mm, GuestAddr start, uint64_t length,
                      absl::Span<uint8_t> out);
ErrnoOr<Done> Msync(AddressSpace& mm, GuestAddr start, uint64_t length,
                    int flags);
enum class MlockOnFault : uint8_t { kNo, kYes };
ErrnoOr<Done> Mlock(AddressSpace& mm, GuestAddr start, uint64_t length,
                    MlockOnFault on_fault);
ErrnoOr<Done> Munlock(AddressSpace& mm, GuestAddr start, uint64_t length);
ErrnoOr<Done> MlockAll(AddressSpace& mm, int flags);
ErrnoOr<Done> MunlockAll(AddressSpace& mm);
ErrnoOr<Done> RemapFilePages(AddressSpace& mm, GuestAddr start, uint64_t size,
                             uint64_t prot, uint64_t pgoff, uint64_t flags);

// kernel/fork.c dup_mmap(): a copy-on-write copy. kENOMEM.
ErrnoOr<std::shared_ptr<AddressSpace>> DupMm(AddressSpace& mm);

// For the loader: maps the initial stack, `bytes` long, ending at `top`
// (page-aligned). kENOMEM: limits, or something is in the way.
ErrnoOr<Done> SetupStack(AddressSpace& mm, GuestAddr top, uint64_t bytes,
                         Prot prot);
// For the loader: brk starts at `start` (page-aligned up where Linux does).
void SetupBrk(AddressSpace& mm, GuestAddr start);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_CALLS_H_
