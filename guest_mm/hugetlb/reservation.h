#ifndef FAULTLINE_GUEST_MM_HUGETLB_RESERVATION_H_
#define FAULTLINE_GUEST_MM_HUGETLB_RESERVATION_H_

// What a mapping was promised of a pool, and how a page is had with or without
// such a promise. Linux: mm/hugetlb.c __vma_reservation_common(),
// alloc_hugetlb_folio().
//
// A shared mapping reserves for its file: pages of the range that are neither
// reserved nor there yet. A private mapping reserves its whole range for the
// one space that made it: a child of fork has nothing reserved, nor has
// MAP_NORESERVE. The reservation of a page is used up when the page is had.

#include <cstdint>
#include <memory>

#include "guest_mm/hugetlb/hugetlb_file.h"
#include "guest_mm/hugetlb/region_map.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

inline constexpr LockClass kHugetlbVmaLock{
    "hugetlb.vma",
    {"hugetlb.vma.locked"},
    {"hugetlb.vma.unlocked"},
    34,
    false,
    WhileHeld::kMaySleep,
    {"hugetlb.vma.try", "a trylock of a hugetlb VMA's lock fails"}};

// What VMAs that were one have in common.
struct HugetlbShare {
  // Keeps the entries of a file's pages where they are while a fault looks.
  // Linux: struct hugetlb_vma_lock, or resv_map.rw_sema of a private mapping.
  RwLock lock{kHugetlbVmaLock};
  // A private mapping's: the pages whose reservation has been used up.
  RegionMap used_up;
  Slab::Charge charge;
};

// What `vma` maps is private, and all of it was reserved (HPAGE_RESV_OWNER).
inline bool OwnsReservation(const Vma& vma) {
  return !vma.has(VmaFlag::kMayShare) && vma.hugetlb_share != nullptr;
}

// The huge page of the file behind `a` (vma_hugecache_offset()).
inline uint64_t HugeIndex(const Vma& vma, GuestAddr a) {
  const HugePagePool& pool = vma.file->hugetlb()->pool();
  return ((a - vma.range.start) >> pool.shift()) + (vma.pgoff >> pool.order());
}

// May an edge of `vma` be at `a`? hugetlb_vm_op_split().
inline bool IsHugeAligned(const Vma& vma, GuestAddr a) {
  return a.AlignDown(vma.file->hugetlb()->pool().bytes()) == a;
}

// In whose name page `index` is asked for: a mapping's, or the file's own.
struct HugePageClaim {
  static HugePageClaim Of(const Vma& vma, GuestAddr a);
  static HugePageClaim Of(HugetlbFile& file, uint64_t index) {
    return {file, index, /*shared=*/true, nullptr};
  }

  HugetlbFile& file;
  uint64_t index;
  bool shared;
  RegionMap* used_up;  // of a private mapping that owns its reservation

  // vma_needs_reservation(): nothing is reserved for it (any more).
  bool Lacks() const;
  // vma_commit_reservation(): the page is there. True if Lacks() was until now.
  bool Commit() const;
  // vma_add_reservation(), vma_del_reservation(): as if it never was; as if it
  // was used up.
  void Add() const;
  void Drop() const;
};

// A page of unknown contents, with a reference. kENOSPC: there is none to be
// had. kAvoid: not from what is reserved, be it for the caller.
enum class Reserves : uint8_t { kUse, kAvoid };
ErrnoOr<Pfn> AllocateHugePage(PhysMem& phys, const HugePageClaim& claim,
                              Reserves reserves);

// The page was not used after all; it is put next. restore_reserve_on_error().
void RestoreReserveOnError(PhysMem& phys, const HugePageClaim& claim, Pfn page);

// The VMA's part of mmap: judges place and length, reserves. kEINVAL, kENOMEM;
// on failure nothing is reserved. hugetlbfs_file_mmap().
ErrnoOr<Done> MapHugetlb(AddressSpace& mm, Vma& vma);
// The copy of a VMA in a child has nothing reserved. kENOMEM.
// hugetlb_dup_vma_private().
ErrnoOr<Done> ForkHugetlb(Vma& child);
// The VMA goes: what it has reserved and not used is given back.
// hugetlb_vm_op_close().
void CloseHugetlb(const Vma& vma);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_RESERVATION_H_
