#include "plugin/linux/abi_arm64.h"
#include "plugin/linux/abi_x86.h"

namespace faultline::os {

const Abi& Abi::Of(engine::Arch arch) {
  static const AbiX86 x86_abi;
  static const AbiArm64 arm64_abi;
  return arch == engine::Arch::kX86 ? static_cast<const Abi&>(x86_abi)
                                    : arm64_abi;
}

}  // namespace faultline::os
