#include "arch_x86/fault_policy.h"

namespace faultline::x86 {

using mm::VmaFlag;

constexpr mm::FaultPolicy kFaultPolicy{
    .read_needs = VmaFlag::kRead | VmaFlag::kWrite | VmaFlag::kExec,
    .write_needs = VmaFlag::kWrite,
    .exec_needs = VmaFlag::kExec,
    .lowest_user_address = mm::GuestAddr(0),
    .stack_slack = 0,
    .prefaulted_young = true,
};

}  // namespace faultline::x86
