#ifndef FAULTLINE_ARCH_X86_FAULT_POLICY_H_
#define FAULTLINE_ARCH_X86_FAULT_POLICY_H_

// How x86 judges a page fault. Linux: arch/x86/mm/fault.c access_error().

#include "guest_mm/fault/fault_policy.h"

namespace faultline::x86 {

// A read needs any right at all (there is no write-only or exec-only page
// without protection keys).
extern const mm::FaultPolicy kFaultPolicy;

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_FAULT_POLICY_H_
