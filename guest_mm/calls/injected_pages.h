#ifndef FAULTLINE_GUEST_MM_CALLS_INJECTED_PAGES_H_
#define FAULTLINE_GUEST_MM_CALLS_INJECTED_PAGES_H_

// The pages that a memory error is asked for: what MADV_HWPOISON and
// MADV_SOFT_OFFLINE have in common (memory_error.h).

#include "absl/functional/function_ref.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/hugetlb/huge_page_error.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// Calls `visit` for one page of each folio in the range, the first: faulted in,
// with a reference for the duration of the call. Ends with the first error;
// kEFAULT where there is nothing to be had, kEINTR.
using InjectedVisitor = absl::FunctionRef<ErrnoOr<Done>(GuestAddr a, Pfn pfn)>;
ErrnoOr<Done> ForEachInjected(AddressSpace& mm, GuestRange range,
                              InjectedVisitor visit);

// The file that is mapped at `a`, and which of its huge pages, if it is one in
// huge pages; otherwise the latter is 0. The file is null where none is.
HugePagePlace PlaceAt(AddressSpace& mm, GuestAddr a);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_INJECTED_PAGES_H_
