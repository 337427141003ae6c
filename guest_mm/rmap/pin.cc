#include "guest_mm/rmap/pin.h"

#include <limits>

#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {
namespace {

// Half of what a count can hold: whoever adds one without asking stays below.
constexpr int32_t kMostReferences = std::numeric_limits<int32_t>::max() / 2;

int32_t ReferencesOf(const Frame& folio, Grab how) {
  return how == Grab::kPin && folio.order == 0 ? kPinBias : 1;
}

}  // namespace

bool IsZeroPage(MemoryManager& system, Pfn pfn) {
  const std::optional<Pfn>& huge = system.thp().huge_zero;
  return pfn == system.zero_page() ||
         (huge.has_value() && system.phys().HeadOf(pfn) == *huge);
}

ErrnoOr<Done> GrabPage(MemoryManager& system, Pfn pfn, Grab how) {
  if (IsZeroPage(system, pfn)) {
    return kDone;
  }
  Frame& folio = system.phys().folio(pfn);
  FL_DCHECK(folio.refcount > 0);
  if (folio.refcount > kMostReferences) {
    return Errno::kENOMEM;
  }
  folio.refcount += ReferencesOf(folio, how);
  folio.pincount += how == Grab::kPin && folio.order > 0 ? 1 : 0;
  return kDone;
}

void ReleasePage(MemoryManager& system, Pfn pfn, Grab how) {
  if (IsZeroPage(system, pfn)) {
    return;
  }
  Frame& folio = system.phys().folio(pfn);
  const int32_t references = ReferencesOf(folio, how);
  FL_CHECK(folio.refcount >= references);
  if (how == Grab::kPin && folio.order > 0) {
    FL_CHECK(folio.pincount > 0);
    --folio.pincount;
  }
  folio.refcount -= references - 1;
  // If it is in nobody's tables any more, its place in swap goes, too.
  system.swap().PutPage(pfn);
}

void UnpinDirty(MemoryManager& system, Pfn pfn) {
  if (!IsZeroPage(system, pfn)) {
    Frame& folio = system.phys().folio(pfn);
    LockGuard guard(folio.lock);
    folio.dirty = true;
  }
  ReleasePage(system, pfn, Grab::kPin);
}

bool NeedsCowForDma(const AddressSpace& mm, const Frame& folio) {
  return mm.has_pinned && MaybeDmaPinned(folio);
}

}  // namespace faultline::mm
