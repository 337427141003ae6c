#ifndef FAULTLINE_ARCH_ARM64_FAULT_POLICY_H_
#define FAULTLINE_ARCH_ARM64_FAULT_POLICY_H_

// How arm64 judges a page fault. Linux: arch/arm64/mm/fault.c do_page_fault().

#include "guest_mm/fault/fault_policy.h"

namespace faultline::arm64 {

// A write right implies reading, and without FEAT_PAN3 (EPAN) so does an exec
// right, because the tables cannot say otherwise.
extern const mm::FaultPolicy kFaultPolicy;

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_FAULT_POLICY_H_
