#include "plugin/api/plan_actions.h"

#include <algorithm>

namespace faultline::api {

bool Action::Holds() const {
  const uint64_t value = op.cell();
  switch (cond) {
    case QEMU_PLUGIN_COND_NEVER:
      return false;
    case QEMU_PLUGIN_COND_ALWAYS:
      return true;
    case QEMU_PLUGIN_COND_EQ:
      return value == imm;
    case QEMU_PLUGIN_COND_NE:
      return value != imm;
    case QEMU_PLUGIN_COND_LT:
      return value < imm;
    case QEMU_PLUGIN_COND_LE:
      return value <= imm;
    case QEMU_PLUGIN_COND_GT:
      return value > imm;
    case QEMU_PLUGIN_COND_GE:
      return value >= imm;
  }
  return false;
}

bool OnlyAdds(const std::vector<Action>& actions,
              std::vector<engine::InlineOp>& adds) {
  const bool only =
      std::all_of(actions.begin(), actions.end(), [](const Action& a) {
        return a.kind == Action::Kind::kInline &&
               a.op.kind == engine::InlineOp::Kind::kAdd;
      });
  if (only) {
    for (const Action& a : actions) {
      adds.push_back(a.op);
    }
  }
  return only;
}

}  // namespace faultline::api
