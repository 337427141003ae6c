#include "arch_x86/address_layout.h"

namespace faultline::x86 {
namespace {

using mm::GuestAddr;

// The last user page is never mapped: a syscall instruction there would leave
// a return address that is not canonical (Intel's SYSRET).
constexpr uint64_t End(int bits) { return (uint64_t{1} << bits) - 4096; }

}  // namespace

mm::AddressLayout LayoutOf(Paging paging) {
  return {
      .user_end = GuestAddr(End(paging == Paging::k5Level ? 56 : 47)),
      // With five levels, only those who ask by a hint get the upper part.
      .mmap_end = GuestAddr(End(47)),
      .stack_top = GuestAddr(End(47)),
      .pie_base = End(47) / 3 * 2,
      .stack_rnd_pages = 0x3fffff,
      .mmap_rnd_pages = (uint64_t{1} << 28) - 1,
      .brk_rnd_bytes = uint64_t{1} << 30,
  };
}

}  // namespace faultline::x86
