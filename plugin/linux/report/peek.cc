#include "plugin/linux/report/peek.h"

#include <algorithm>

namespace faultline::os {

size_t PeekUser(mm::AddressSpace& mm, uint64_t from, absl::Span<std::byte> to) {
  const auto shift = mm.page_shift();
  const mm::PageTable& table = mm.page_table();
  mm::GuestAddr a = mm.system().arch().Untag(mm::GuestAddr(from));
  const mm::GuestAddr user_end = mm.system().arch().layout().user_end;
  size_t done = 0;
  while (done < to.size() && a < user_end) {
    const mm::EntryRef ref = table.Walk(a);
    const mm::Entry entry = table.Get(ref);
    if (!entry.present()) {
      break;
    }
    const mm::Pfn pfn = entry.pfn() + ((a - ref.address) >> shift.value());
    const size_t n =
        std::min<size_t>(to.size() - done, shift.bytes() - a.PageOffset(shift));
    const std::byte* bytes = mm.system().phys().Data(pfn) + a.PageOffset(shift);
    std::copy(bytes, bytes + n, to.begin() + std::ptrdiff_t(done));
    done += n;
    a += n;
  }
  return done;
}

}  // namespace faultline::os
