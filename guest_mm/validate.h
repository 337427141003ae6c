#ifndef FAULTLINE_GUEST_MM_VALIDATE_H_
#define FAULTLINE_GUEST_MM_VALIDATE_H_

// The invariants that no object can check alone: every entry of every space
// against every frame's counts. Run after each step in tests and fuzzers.

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"

namespace faultline::mm {

class AddressSpace;
class MemoryManager;

// `spaces` are all address spaces of the machine. Checks PhysMem, each space
// (rss against a walk) and table, and over all: mapcount is the number of
// entries; exclusive pages have one; page tables and anonymous pages that no
// space reaches do not exist. Dies on a broken invariant, with its name.
// `held` are references to anonymous pages that somebody else has.
void ValidateAll(MemoryManager& system,
                 absl::Span<const AddressSpace* const> spaces,
                 PageCount held = PageCount());

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VALIDATE_H_
