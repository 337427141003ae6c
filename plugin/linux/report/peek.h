#ifndef FAULTLINE_PLUGIN_LINUX_REPORT_PEEK_H_
#define FAULTLINE_PLUGIN_LINUX_REPORT_PEEK_H_

// Looking at a program's memory without touching it: for traces and reports,
// which must not change the run by faulting pages in.

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::os {

// Copies what is in memory from user address `from` on; stops at the first
// page that is not there. Returns how many bytes were copied.
size_t PeekUser(mm::AddressSpace& mm, uint64_t from, absl::Span<std::byte> to);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_REPORT_PEEK_H_
