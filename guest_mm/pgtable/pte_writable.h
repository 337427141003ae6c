#ifndef FAULTLINE_GUEST_MM_PGTABLE_PTE_WRITABLE_H_
#define FAULTLINE_GUEST_MM_PGTABLE_PTE_WRITABLE_H_

// May an entry that maps a page be given the right to write without a fault
// that says so? Linux: mm/mprotect.c can_change_pte_writable(). Under the
// entry's lock; `vma` has the right.

#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/page_prot.h"

namespace faultline::mm {

inline bool CanChangePteWritable(const AddressSpace& mm, const Vma& vma,
                                 const Entry& e) {
  const ArchOps& arch = mm.system().arch();
  if (e.special() || e.flags.has(EntryFlag::kUffdWp) ||
      (TracksSoftDirty(arch, vma) && !e.flags.has(EntryFlag::kSoftDirty))) {
    return false;
  }
  if (vma.shared()) {
    return !WantsWriteNotify(arch, vma) || e.dirty();
  }
  const PhysMem& phys = mm.system().phys();
  return phys.folio(e.pfn()).use == FrameUse::kAnon &&
         phys.frame(e.pfn()).anon_exclusive;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_PTE_WRITABLE_H_
