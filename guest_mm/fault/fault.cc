#include "guest_mm/fault/fault.h"

#include "absl/strings/str_format.h"

namespace faultline::mm {

const char* ToString(PageFaultOutcome::Kind kind) {
  using Kind = PageFaultOutcome::Kind;
  switch (kind) {
    case Kind::kDone:
      return "done";
    case Kind::kBadArea:
      return "bad-area";
    case Kind::kAccessError:
      return "access-error";
    case Kind::kPkeyError:
      return "pkey-error";
    case Kind::kBusError:
      return "bus-error";
    case Kind::kHwPoison:
      return "hwpoison";
    case Kind::kKernelFixup:
      return "kernel-fixup";
    case Kind::kSignal:
      return "signal";
    case Kind::kOutOfMemory:
      return "out-of-memory";
  }
  return "?";
}

std::string ToString(const Fault& f) {
  const char access = f.access == Access::kRead    ? 'r'
                      : f.access == Access::kWrite ? 'w'
                                                   : 'x';
  return absl::StrFormat("%c%c%c 0x%x", f.mode == Mode::kUser ? 'u' : 'k',
                         access, f.was_present ? 'p' : '-', f.address.value());
}

}  // namespace faultline::mm
