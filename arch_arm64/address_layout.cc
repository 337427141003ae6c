#include "arch_arm64/address_layout.h"

#include <algorithm>

namespace faultline::arm64 {

using mm::GuestAddr;

mm::AddressLayout LayoutOf(Paging paging) {
  const mm::PagingGeometry& g = GeometryOf(paging);
  const mm::PagingLevel& root = g.levels.back();
  const int user_bits = root.shift + root.bits;
  // With 52 bits, only those who ask by a hint get the upper part.
  const uint64_t window = uint64_t{1} << std::min(user_bits, 48);
  const int over_4k = g.page_shift.value() - 12;
  return {
      .user_end = GuestAddr(uint64_t{1} << user_bits),
      .mmap_end = GuestAddr(window),
      .stack_top = GuestAddr(window),
      .pie_base = window / 3 * 2,
      .stack_rnd_pages = uint64_t{0x3ffff} >> over_4k,
      .mmap_rnd_pages = (uint64_t{1} << (18 - over_4k)) - 1,
      .brk_rnd_bytes = uint64_t{1} << 30,
      .mmap_min_addr = 4096,
      .mmap_min_floor = 32768,
  };
}

}  // namespace faultline::arm64
