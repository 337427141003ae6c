#ifndef FAULTLINE_PLUGIN_API_PLAN_ACTIONS_H_
#define FAULTLINE_PLUGIN_API_PLAN_ACTIONS_H_

// What plug-ins have asked for of one block: in the order in which they asked,
// which is the order in which it is done.

#include <cstdint>
#include <vector>

#include "plugin/api/qemu_abi.h"
#include "plugin/engine/cpu_watch.h"

namespace faultline::api {

struct Action {
  enum class Kind : uint8_t { kCall, kCallIf, kInline };
  Kind kind = Kind::kCall;
  union {
    qemu_plugin_vcpu_udata_cb_t run = nullptr;
    qemu_plugin_vcpu_mem_cb_t access;  // of an instruction's accesses
  };
  void* user = nullptr;
  // kInline: the operation. kCallIf: the cell that is compared with `imm`.
  engine::InlineOp op{};
  qemu_plugin_cond cond = QEMU_PLUGIN_COND_ALWAYS;
  uint64_t imm = 0;
  qemu_plugin_mem_rw rw = QEMU_PLUGIN_MEM_RW;

  bool Holds() const;
};

struct PlanActions : engine::WatchPlan::Data {
  std::vector<Action> block;
  struct OfInsn {
    std::vector<Action> begin{}, access{};
    bool sign_extends = false;
  };
  std::vector<OfInsn> insns;
};

// What a qemu_plugin_meminfo_t says of an access.
struct MemInfo {
  unsigned shift = 0;  // of its size
  bool sign_extends = false;
  bool store = false;
  qemu_plugin_meminfo_t Encode() const {
    return shift | uint32_t(sign_extends) << 4 | uint32_t(store) << 5;
  }
  static MemInfo Of(qemu_plugin_meminfo_t info) {
    return {info & 15, (info >> 4 & 1) != 0, (info >> 5 & 1) != 0};
  }
};

// What the engine can do of `actions` by itself: if all of them are additions,
// those, and true.
bool OnlyAdds(const std::vector<Action>& actions,
              std::vector<engine::InlineOp>& adds);

}  // namespace faultline::api

// The handles that plug-ins are given while they are told of a block.
struct qemu_plugin_insn {
  faultline::engine::WatchPlan* plan;
  faultline::api::PlanActions* actions;
  size_t index;
  const faultline::engine::WatchedInsn& insn() const {
    return plan->insns[index];
  }
};
struct qemu_plugin_tb {
  faultline::engine::WatchPlan* plan;
  faultline::api::PlanActions* actions;
  std::vector<qemu_plugin_insn> insns;
};

#endif  // FAULTLINE_PLUGIN_API_PLAN_ACTIONS_H_
