#ifndef FAULTLINE_GUEST_MM_FAULT_FAULT_RULES_H_
#define FAULTLINE_GUEST_MM_FAULT_FAULT_RULES_H_

// FaultRules: how the page-fault handlers of Linux's architectures judge, a row
// for each and each version in which it changed: data, from arch/*/mm/fault.c,
// as it was in 6.1 where no version is named.
// The two architectures that we emulate have the same in their ArchOps; the
// others' are for comparison (ArchWithPolicy, the lab's G4).

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "guest_mm/fault/fault_policy.h"
#include "guest_mm/profile/behaviour.h"

namespace faultline::mm {

struct FaultRule {
  absl::string_view arch;  // as the folder in arch/, "+epan" with that
  KernelVersion since;     // the first release with it
  absl::string_view note;  // what is peculiar, or changed
  FaultPolicy policy;
};

// By name, oldest first.
absl::Span<const FaultRule> FaultRules();
// The one that held in `version`; null if there is no such architecture.
const FaultRule* FindFaultRule(absl::string_view arch, KernelVersion version);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_FAULT_RULES_H_
