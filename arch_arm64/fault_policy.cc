#include "arch_arm64/fault_policy.h"

namespace faultline::arm64 {

using mm::VmaFlag;

constexpr mm::FaultPolicy kFaultPolicy{
    .read_needs = VmaFlag::kRead | VmaFlag::kWrite | VmaFlag::kExec,
    .write_needs = VmaFlag::kWrite,
    .exec_needs = VmaFlag::kExec,
    .lowest_user_address = mm::GuestAddr(0),
    .stack_slack = 0,
    .prefaulted_young = false,
};

}  // namespace faultline::arm64
