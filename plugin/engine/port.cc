#include "plugin/engine/port.h"

#include "plugin/engine/arm64_port.h"
#include "plugin/engine/x86_port.h"

namespace faultline::engine {

const Port& Port::Of(Arch arch) {
  static const X86Port x86;
  static const Arm64Port arm64;
  return arch == Arch::kX86 ? static_cast<const Port&>(x86) : arm64;
}

}  // namespace faultline::engine
