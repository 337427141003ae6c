#include "arch_x86/trap.h"

namespace faultline::x86 {

uint64_t PageFaultErrorCode(const mm::Fault& fault) {
  uint64_t code = 0;
  if (fault.was_present) {
    code |= kPfPresent;
  }
  if (fault.access == mm::Access::kWrite) {
    code |= kPfWrite;
  }
  if (fault.access == mm::Access::kExec) {
    code |= kPfFetch;
  }
  if (fault.mode == mm::Mode::kUser) {
    code |= kPfUser;
  }
  return code;
}

mm::Fault FaultFromErrorCode(uint64_t code, mm::GuestAddr cr2,
                             mm::GuestAddr pc) {
  mm::Fault fault;
  fault.address = cr2;
  fault.access = (code & kPfFetch) != 0   ? mm::Access::kExec
                 : (code & kPfWrite) != 0 ? mm::Access::kWrite
                                          : mm::Access::kRead;
  fault.mode = (code & kPfUser) != 0 ? mm::Mode::kUser : mm::Mode::kKernel;
  fault.was_present = (code & (kPfPresent | kPfReserved)) != 0;
  fault.pc = pc;
  return fault;
}

}  // namespace faultline::x86
