#include "guest_mm/vma/vma.h"

#include <utility>

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// Names are no longer (ANON_VMA_NAME_MAX_LEN).
constexpr size_t kNameBytes = 80;
// A node of Mapping::vmas(), where a VMA of a file is filed, and one of
// AnonVmaChain::vmas().
constexpr size_t kFiledBytes =
    sizeof(std::map<Mapping::VmaKey, Vma*>::value_type) +
    sizeof(std::map<AnonVmaChain::VmaKey, Vma*>::value_type) +
    8 * sizeof(void*);
// What the host's heap adds to the four.
constexpr size_t kHeapBytes = 4 * 16;
// One sum for all, so that a name or a file is never refused later on.
constexpr size_t kVmaBytes =
    sizeof(Vma) + kNameBytes + kFiledBytes + kHeapBytes;

}  // namespace

bool Vma::filed() const {
  return links_.chain == (anon_vma == nullptr ? nullptr : anon_vma->chain());
}

ErrnoOr<std::unique_ptr<Vma>> NewVma(AddressSpace& mm) {
  return NewVmaLike(mm, Vma());
}

ErrnoOr<std::unique_ptr<Vma>> NewVmaLike(AddressSpace& mm, const Vma& v) {
  FL_ASSIGN(Slab::Charge charge, mm.system().slab().Take(kVmaBytes));
  auto vma = std::make_unique<Vma>(v);
  vma->paid_.charge = std::move(charge);
  return vma;
}

}  // namespace faultline::mm
