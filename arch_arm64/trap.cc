#include "arch_arm64/trap.h"

#include "guest_mm/base/check.h"

namespace faultline::arm64 {
namespace {

constexpr uint32_t kWnR = 1 << 6;  // data aborts: a write
constexpr uint32_t kFscMask = 0x3f;
constexpr uint32_t kFscKindMask = 0x3c;

ExceptionClass ClassOf(uint64_t esr) {
  return ExceptionClass(esr >> 26 & 0x3f);
}

uint64_t DataAbort(const mm::Fault& fault, FaultStatus status) {
  const bool user = fault.mode == mm::Mode::kUser;
  return Syndrome(user ? kEcDataAbortLower : kEcDataAbort,
                  status | (fault.access == mm::Access::kWrite ? kWnR : 0u));
}

}  // namespace

uint64_t Syndrome(const mm::Fault& fault, int level) {
  FL_CHECK(level >= -1 && level <= 3);
  const bool user = fault.mode == mm::Mode::kUser;
  const FaultStatus kind = fault.was_present ? kFscPermission : kFscTranslation;
  uint32_t iss =
      level < 0 ? uint32_t{kFscTranslationAboveRoot} : kind | uint32_t(level);
  if (fault.access == mm::Access::kExec) {
    return Syndrome(user ? kEcInstructionAbortLower : kEcInstructionAbort, iss);
  }
  if (fault.access == mm::Access::kWrite) {
    iss |= kWnR;
  }
  return Syndrome(user ? kEcDataAbortLower : kEcDataAbort, iss);
}

uint64_t TagFaultSyndrome(const mm::Fault& fault) {
  return DataAbort(fault, kFscTagCheck);
}

uint64_t AlignmentSyndrome(const mm::Fault& fault) {
  return DataAbort(fault, kFscAlignment);
}

mm::Fault FaultFromSyndrome(uint64_t esr, mm::GuestAddr far, mm::GuestAddr pc) {
  const ExceptionClass ec = ClassOf(esr);
  const bool fetch =
      ec == kEcInstructionAbortLower || ec == kEcInstructionAbort;
  FL_CHECK(fetch || ec == kEcDataAbortLower || ec == kEcDataAbort);
  mm::Fault fault;
  fault.address = far;
  fault.access = fetch               ? mm::Access::kExec
                 : (esr & kWnR) != 0 ? mm::Access::kWrite
                                     : mm::Access::kRead;
  fault.mode = ec == kEcInstructionAbortLower || ec == kEcDataAbortLower
                   ? mm::Mode::kUser
                   : mm::Mode::kKernel;
  const uint32_t status = uint32_t(esr) & kFscMask;
  fault.was_present = (status & kFscKindMask) == kFscPermission;
  fault.pc = pc;
  return fault;
}

}  // namespace faultline::arm64
