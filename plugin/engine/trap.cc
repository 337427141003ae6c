#include "plugin/engine/trap.h"

namespace faultline::engine {

const char* ToString(Trap::Kind kind) {
  switch (kind) {
    case Trap::Kind::kSyscall:
      return "syscall";
    case Trap::Kind::kPageFault:
      return "page fault";
    case Trap::Kind::kTagFault:
      return "tag fault";
    case Trap::Kind::kUndefined:
      return "undefined instruction";
    case Trap::Kind::kBreakpoint:
      return "breakpoint";
    case Trap::Kind::kSingleStep:
      return "single step";
    case Trap::Kind::kDivide:
      return "divide error";
    case Trap::Kind::kFloatingPoint:
      return "floating point";
    case Trap::Kind::kProtection:
      return "general protection";
    case Trap::Kind::kAlignment:
      return "alignment";
    case Trap::Kind::kSystemRegister:
      return "system register";
    case Trap::Kind::kSlice:
      return "slice";
    case Trap::Kind::kStopped:
      return "stopped";
    case Trap::Kind::kEngineFailure:
      return "engine failure";
  }
  return "?";
}

}  // namespace faultline::engine
