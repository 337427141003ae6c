#ifndef FAULTLINE_GUEST_MM_THP_HUGE_FAULT_H_
#define FAULTLINE_GUEST_MM_THP_HUGE_FAULT_H_

// Faults at the level of huge pages. Linux: mm/huge_memory.c
// do_huge_pmd_anonymous_page(), do_huge_pmd_wp_page(). In each, f.entry and
// f.orig are the huge-level entry; the answer "nothing" is VM_FAULT_FALLBACK:
// go on with base pages, under a table that may have to be made.

#include <optional>

#include "guest_mm/fault/vm_fault.h"

namespace faultline::mm {

// Nothing mapped here yet, and HugeAllowed(): a huge page, or for a read the
// huge page of zeros. Falls back where it does not fit into the VMA or memory
// has no block that large.
std::optional<VmFaultResult> DoHugeAnonymousPage(VmFault& f);

// A store to a huge page mapped read-only. Reuses it if nobody else has it;
// else it is split and the store copies one base page.
std::optional<VmFaultResult> DoHugeWpPage(VmFault& f);

// do_set_pmd(): maps the huge folio that `pfn`, a page of the VMA's file, is of
// whole, with a reference of its own. False: it is not huge, does not fit, the
// VMA is to have none, or something is mapped there already; then base pages it
// is. f.entry is of the huge level and was empty.
bool MapHugeFile(VmFault& f, Pfn pfn, EntryFlags flags);

// The machine's one huge page of zeros, made at first. kENOMEM.
ErrnoOr<Pfn> HugeZeroPage(MemoryManager& system);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_HUGE_FAULT_H_
