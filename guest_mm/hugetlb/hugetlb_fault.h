#ifndef FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_FAULT_H_
#define FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_FAULT_H_

// A fault in a hugetlb VMA. Linux: mm/hugetlb.c hugetlb_fault(), and
// hugetlb_no_page() and hugetlb_wp() as stages of it.
//
// Locks, in this order: the page's fault mutex, the VMA's lock for reading, the
// page's, the table's. What a stage must do without, it drops and takes again.

#include <optional>

#include "guest_mm/fault/vm_fault.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/uffd/handle_userfault.h"

namespace faultline::mm {

struct HugetlbFault {
  VmFault& f;  // f.address is that of the huge page, f.entry its entry
  HugetlbFile& file;
  uint64_t index;  // of the huge page in the file
  // A page, with a reference, that is to be the owner's alone before the access
  // is made again: there is no other for it.
  std::optional<Pfn> take_from_children{};
  // A page, with a reference, whose lock somebody else has.
  std::optional<Pfn> busy{};
  // Somebody watches the memory, and is to be asked once no lock is held.
  std::optional<UffdReason> userfault{};

  // The fault mutex and the VMA's lock.
  void Lock() ABSL_NO_THREAD_SAFETY_ANALYSIS;
  void Unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS;

  HugePageClaim Claim() const { return HugePageClaim::Of(f.vma, f.address); }
  Frame& folio(Pfn page) const { return f.phys().frame(page); }
  // What maps a page here: make_huge_pte().
  enum class Mkwrite : uint8_t { kNo, kYes };
  Entry NewEntry(Pfn page, Mkwrite write) const;
};

// As HandleMmFault(), which calls it for hugetlb VMAs. kBusError: there is no
// page to be had, or the address lies beyond the file's end.
VmFaultResult HandleHugetlbFault(VmFault& f);

// hugetlb_wp.cc: a store to a page mapped read-only, under the table's lock,
// which it drops and takes again; `h` is locked, the entry is h.f.orig, its
// page is locked and has a reference of the caller's. `cached`: the file's page
// here, if there is one.
VmFaultResult HugetlbWp(HugetlbFault& h, std::optional<Pfn> cached)
    ABSL_NO_THREAD_SAFETY_ANALYSIS;

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_FAULT_H_
