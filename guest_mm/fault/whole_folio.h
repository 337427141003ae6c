#ifndef FAULTLINE_GUEST_MM_FAULT_WHOLE_FOLIO_H_
#define FAULTLINE_GUEST_MM_FAULT_WHOLE_FOLIO_H_

// Faults that map more of a file's huge folio than was asked for, by base
// entries. Linux: mm/filemap.c filemap_map_folio_range(), mm/memory.c
// finish_fault(). Which ones do is a behaviour (file-fault-maps).

#include "guest_mm/base/addr.h"
#include "guest_mm/fault/vm_fault.h"

namespace faultline::mm {

// May fault-around map more than its window at all?
bool AroundMayMapFolio(const VmFault& f);

// Does fault-around that comes upon `pfn` map all of its folio? Then the folio
// lies in the VMA and under the one table, and ends within the file, unless
// that is a memory file.
bool AroundMapsFolio(const VmFault& f, Pfn pfn);

// Maps all of the folio that `pfn`, wanted at f.entry, is a page of, which is
// locked: `flags` for every entry, with a reference and a count each. False: it
// is not to be done, or there is something mapped already; nothing has changed
// then. Under the table's lock.
bool MapWholeFolio(VmFault& f, Pfn pfn, EntryFlags flags);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_WHOLE_FOLIO_H_
