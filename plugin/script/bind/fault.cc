// Faults without an access.

#include "absl/strings/str_cat.h"
#include "guest_mm/fault/handle_page_fault.h"
#include "plugin/script/bind/space.h"
#include "plugin/script/objects.h"

namespace faultline::script {

int SpaceFault(lua_State* l) {
  Space& space = Get<Space>(l, 1);
  static const char* const kAccesses[] = {"r", "w", "x", nullptr};
  static constexpr mm::Access kAccess[] = {
      mm::Access::kRead, mm::Access::kWrite, mm::Access::kExec};
  mm::Fault fault;
  fault.address = mm::GuestAddr(GetNumber(l, 2));
  fault.access = kAccess[luaL_checkoption(l, 3, nullptr, kAccesses)];
  CheckFields(l, 4, {"kernel", "sp"});
  fault.mode =
      BoolField(l, 4, "kernel", false) ? mm::Mode::kKernel : mm::Mode::kUser;
  fault.sp = mm::GuestAddr(NumberField(l, 4, "sp", fault.address.value()));
  const mm::PageFaultOutcome outcome = mm::HandlePageFault(*space.mm, fault);
  PushString(l, mm::ToString(outcome.kind));
  lua_pushinteger(l, outcome.lsb);
  lua_pushboolean(l, outcome.major);
  return 3;
}

}  // namespace faultline::script
