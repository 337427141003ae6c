#include "plugin/engine/port.h"

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "plugin/engine/arm64_port.h"
#include "plugin/engine/x86_port.h"

namespace faultline::engine {
namespace {

const Port* X86(Paging paging) {
  static const X86Port usual(x86::OpsFor(x86::Paging::k4Level));
  static const X86Port la57(x86::OpsFor(x86::Paging::k5Level));
  switch (paging) {
    case Paging::kUsual:
      return &usual;
    case Paging::kLa57:
      return &la57;
    default:
      return nullptr;
  }
}

const Port* Arm64(Paging paging) {
  static const Arm64Port usual(arm64::OpsFor(arm64::Paging::k4K48));
  static const Arm64Port granule_16k(arm64::OpsFor(arm64::Paging::k16K48));
  static const Arm64Port granule_64k(arm64::OpsFor(arm64::Paging::k64K48));
  switch (paging) {
    case Paging::kUsual:
      return &usual;
    case Paging::kGranule16K:
      return &granule_16k;
    case Paging::kGranule64K:
      return &granule_64k;
    default:
      return nullptr;
  }
}

}  // namespace

const Port* Port::Of(Arch arch, Paging paging) {
  return arch == Arch::kX86 ? X86(paging) : Arm64(paging);
}

}  // namespace faultline::engine
