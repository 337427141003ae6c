#include "guest_mm/uffd/copy_page.h"

#include <algorithm>
#include <cstring>

#include "guest_mm/fault/handle_page_fault.h"

namespace faultline::mm {
namespace {

// The host bytes behind `a`, or null.
const std::byte* Resolve(AddressSpace& mm, GuestAddr a, MayFault may_fault) {
  for (;;) {
    PageTable::Translation t;
    bool present = false;
    if (mm.page_table().Translate(a, Access::kRead, Mode::kUser, &t,
                                  &present)) {
      return mm.system().phys().Data(t.pfn) + a.PageOffset(mm.page_shift());
    }
    const Fault fault{.address = a,
                      .access = Access::kRead,
                      .mode = Mode::kKernel,
                      .was_present = present};
    if (may_fault == MayFault::kNo || !HandlePageFault(mm, fault).handled()) {
      return nullptr;
    }
  }
}

}  // namespace

bool CopyFromUser(AddressSpace& mm, GuestAddr from, absl::Span<std::byte> to,
                  MayFault may_fault) {
  if (UserCopy* const copy = mm.system().user_copy(); copy != nullptr) {
    return copy->CopyFrom(mm, from, to, may_fault);
  }
  const size_t page = mm.page_shift().bytes();
  while (!to.empty()) {
    const std::byte* const bytes = Resolve(mm, from, may_fault);
    if (bytes == nullptr) {
      return false;
    }
    const size_t n =
        std::min(to.size(), page - from.PageOffset(mm.page_shift()));
    std::memcpy(to.data(), bytes, n);
    to = to.subspan(n);
    from += n;
  }
  return true;
}

}  // namespace faultline::mm
