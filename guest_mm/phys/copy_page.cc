// Copies of pages, with what belongs to a page beside its bytes. Linux:
// copy_highpage(), arch/arm64/mm/copypage.c.

#include <cstring>

#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {

void PhysMem::MakeTagged(Pfn pfn) {
  Frame& f = frame(pfn);
  if (!f.tagged) {
    f.tagged = true;
    tags_.Clear(pfn);
  }
}

void PhysMem::CopyPage(Pfn to, Pfn from) {
  std::memcpy(Data(to), Data(from), shift_.bytes());
  if (frame(from).tagged) {
    frame(to).tagged = true;
    tags_.Copy(to, from);
  }
}

void PhysMem::CopyBlock(Pfn to, Pfn from, int order) {
  for (uint64_t i = 0; i < uint64_t{1} << order; ++i) {
    CopyPage(to + i, from + i);
  }
}

}  // namespace faultline::mm
