#include "guest_mm/pgtable/touch.h"

namespace faultline::mm {

void TouchPage(PhysMem& phys, Pfn pfn, const Entry& e, bool write) {
  Frame& folio = phys.folio(pfn);
  folio.dirty |= write && !e.dirty();
  if (folio.use != FrameUse::kHugeTlb) {  // those do not age
    phys.lru().MarkAccessed(phys.HeadOf(pfn));
  }
}

}  // namespace faultline::mm
