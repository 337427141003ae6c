// QEMU's interface: blocks and instructions, looked at and instrumented while a
// plug-in is told of them.

#include <algorithm>
#include <cstring>

#include "guest_mm/phys/phys_mem.h"
#include "plugin/api/host.h"

namespace {

using faultline::api::Action;
using faultline::api::Host;
using faultline::engine::InlineOp;
using Actions = std::vector<Action>;

// Of version 1's counters, which are where they are whoever runs.
std::byte* const kNowhere = nullptr;

InlineOp Op(std::byte* const* base, size_t offset, qemu_plugin_op op,
            uint64_t imm) {
  return {base, offset, imm,
          op == QEMU_PLUGIN_INLINE_STORE_U64 ? InlineOp::Kind::kStore
                                             : InlineOp::Kind::kAdd};
}
InlineOp Op(void* ptr, qemu_plugin_op op, uint64_t imm) {
  return Op(&kNowhere, size_t(uintptr_t(ptr)), op, imm);
}
InlineOp Op(qemu_plugin_u64 entry, qemu_plugin_op op, uint64_t imm) {
  return Op(&entry.score->current, entry.offset, op, imm);
}

void AddInline(Actions& to, const InlineOp& op,
               qemu_plugin_mem_rw rw = QEMU_PLUGIN_MEM_RW) {
  Action a;
  a.kind = Action::Kind::kInline;
  a.op = op;
  a.rw = rw;
  to.push_back(a);
}

void AddCall(Actions& to, qemu_plugin_vcpu_udata_cb_t cb, void* user) {
  Action a;
  a.run = cb;
  a.user = user;
  to.push_back(a);
}

void AddCallIf(Actions& to, qemu_plugin_vcpu_udata_cb_t cb,
               qemu_plugin_cond cond, qemu_plugin_u64 entry, uint64_t imm,
               void* user) {
  if (cond == QEMU_PLUGIN_COND_NEVER) {
    return;
  }
  AddCall(to, cb, user);
  if (cond != QEMU_PLUGIN_COND_ALWAYS) {
    Action& a = to.back();
    a.kind = Action::Kind::kCallIf;
    a.op = Op(entry, QEMU_PLUGIN_INLINE_ADD_U64, 0);
    a.cond = cond;
    a.imm = imm;
  }
}

Actions& Begin(qemu_plugin_insn* insn) {
  return insn->actions->insns[insn->index].begin;
}
Actions& Access(qemu_plugin_insn* insn) {
  return insn->actions->insns[insn->index].access;
}

absl::Span<const uint8_t> CodeOf(const qemu_plugin_insn& insn) {
  return absl::MakeConstSpan(insn.plan->code())
      .subspan(insn.insn().address - insn.plan->pc(), insn.insn().bytes);
}

}  // namespace

extern "C" {

size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* tb) {
  return tb->insns.size();
}
uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb* tb) {
  return tb->plan->pc();
}
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* tb,
                                          size_t idx) {
  return idx < tb->insns.size() ? const_cast<qemu_plugin_insn*>(&tb->insns[idx])
                                : nullptr;
}

void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb* tb,
                                          qemu_plugin_vcpu_udata_cb_t cb,
                                          qemu_plugin_cb_flags,
                                          void* userdata) {
  AddCall(tb->actions->block, cb, userdata);
}
void qemu_plugin_register_vcpu_tb_exec_cond_cb(qemu_plugin_tb* tb,
                                               qemu_plugin_vcpu_udata_cb_t cb,
                                               qemu_plugin_cb_flags,
                                               qemu_plugin_cond cond,
                                               qemu_plugin_u64 entry,
                                               uint64_t imm, void* userdata) {
  AddCallIf(tb->actions->block, cb, cond, entry, imm, userdata);
}
void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb* tb,
                                              qemu_plugin_op op, void* ptr,
                                              uint64_t imm) {
  AddInline(tb->actions->block, Op(ptr, op, imm));
}
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(qemu_plugin_tb* tb,
                                                       qemu_plugin_op op,
                                                       qemu_plugin_u64 entry,
                                                       uint64_t imm) {
  AddInline(tb->actions->block, Op(entry, op, imm));
}

void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn* insn,
                                            qemu_plugin_vcpu_udata_cb_t cb,
                                            qemu_plugin_cb_flags,
                                            void* userdata) {
  AddCall(Begin(insn), cb, userdata);
}
void qemu_plugin_register_vcpu_insn_exec_cond_cb(qemu_plugin_insn* insn,
                                                 qemu_plugin_vcpu_udata_cb_t cb,
                                                 qemu_plugin_cb_flags,
                                                 qemu_plugin_cond cond,
                                                 qemu_plugin_u64 entry,
                                                 uint64_t imm, void* userdata) {
  AddCallIf(Begin(insn), cb, cond, entry, imm, userdata);
}
void qemu_plugin_register_vcpu_insn_exec_inline(qemu_plugin_insn* insn,
                                                qemu_plugin_op op, void* ptr,
                                                uint64_t imm) {
  AddInline(Begin(insn), Op(ptr, op, imm));
}
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(qemu_plugin_insn* insn,
                                                         qemu_plugin_op op,
                                                         qemu_plugin_u64 entry,
                                                         uint64_t imm) {
  AddInline(Begin(insn), Op(entry, op, imm));
}

void qemu_plugin_register_vcpu_mem_cb(qemu_plugin_insn* insn,
                                      qemu_plugin_vcpu_mem_cb_t cb,
                                      qemu_plugin_cb_flags,
                                      qemu_plugin_mem_rw rw, void* userdata) {
  Action a;
  a.access = cb;
  a.user = userdata;
  a.rw = rw;
  Access(insn).push_back(a);
}
void qemu_plugin_register_vcpu_mem_inline(qemu_plugin_insn* insn,
                                          qemu_plugin_mem_rw rw,
                                          qemu_plugin_op op, void* ptr,
                                          uint64_t imm) {
  AddInline(Access(insn), Op(ptr, op, imm), rw);
}
void qemu_plugin_register_vcpu_mem_inline_per_vcpu(qemu_plugin_insn* insn,
                                                   qemu_plugin_mem_rw rw,
                                                   qemu_plugin_op op,
                                                   qemu_plugin_u64 entry,
                                                   uint64_t imm) {
  AddInline(Access(insn), Op(entry, op, imm), rw);
}

// Versions 1 and 2 pass the first argument alone, and get the bytes' address in
// the register in which the others get how many were copied.
size_t qemu_plugin_insn_data(const qemu_plugin_insn* insn, void* dest,
                             size_t len) {
  const absl::Span<const uint8_t> code = CodeOf(*insn);
  if (Host::Active()->version_of_caller() < 3) {
    return size_t(uintptr_t(code.data()));
  }
  const size_t n = std::min(len, code.size());
  std::memcpy(dest, code.data(), n);
  return n;
}
size_t qemu_plugin_insn_size(const qemu_plugin_insn* insn) {
  return insn->insn().bytes;
}
uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn* insn) {
  return insn->insn().address;
}
// In QEMU too this is where the host has it.
void* qemu_plugin_insn_haddr(const qemu_plugin_insn* insn) {
  return Host::Active()->HostAddress(*insn->plan, insn->insn().address);
}
char* qemu_plugin_insn_disas(const qemu_plugin_insn* insn) {
  // g_free() is free().
  return strdup(Host::Active()
                    ->decoder()
                    .Text(CodeOf(*insn), insn->insn().address)
                    .c_str());
}
const char* qemu_plugin_insn_symbol(const qemu_plugin_insn* insn) {
  const char* const name = Host::Active()->SymbolAt(insn->insn().address);
  return *name == '\0' ? nullptr : name;
}

}  // extern "C"
