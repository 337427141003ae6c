#ifndef FAULTLINE_TESTS_PLUGIN_API_QEMU_COUNTER_H_
#define FAULTLINE_TESTS_PLUGIN_API_QEMU_COUNTER_H_

// A 64-bit counter for plug-ins of every version of QEMU's interface: memory of
// their own in version 1, a scoreboard later.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/api/qemu_abi.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

#if FAULTLINE_QEMU_ABI == 1

typedef uint64_t Counter;
static inline void CounterInit(Counter* c) { *c = 0; }
static inline uint64_t CounterSum(Counter* c) { return *c; }
static inline void CounterAdd(Counter* c, unsigned vcpu, uint64_t n) {
  (void)vcpu;
  *c += n;
}
static inline void CountBlock(struct qemu_plugin_tb* tb, Counter* c,
                              uint64_t n) {
  qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, c,
                                           n);
}
static inline void CountInsn(struct qemu_plugin_insn* insn, Counter* c,
                             uint64_t n) {
  qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                             c, n);
}
static inline void CountAccess(struct qemu_plugin_insn* insn,
                               enum qemu_plugin_mem_rw rw, Counter* c,
                               uint64_t n) {
  qemu_plugin_register_vcpu_mem_inline(insn, rw, QEMU_PLUGIN_INLINE_ADD_U64, c,
                                       n);
}

#else

typedef qemu_plugin_u64 Counter;
static inline void CounterInit(Counter* c) {
  c->score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
  c->offset = 0;
}
static inline uint64_t CounterSum(Counter* c) {
  return qemu_plugin_u64_sum(*c);
}
static inline void CounterAdd(Counter* c, unsigned vcpu, uint64_t n) {
  qemu_plugin_u64_add(*c, vcpu, n);
}
static inline void CountBlock(struct qemu_plugin_tb* tb, Counter* c,
                              uint64_t n) {
  qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(
      tb, QEMU_PLUGIN_INLINE_ADD_U64, *c, n);
}
static inline void CountInsn(struct qemu_plugin_insn* insn, Counter* c,
                             uint64_t n) {
  qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(
      insn, QEMU_PLUGIN_INLINE_ADD_U64, *c, n);
}
static inline void CountAccess(struct qemu_plugin_insn* insn,
                               enum qemu_plugin_mem_rw rw, Counter* c,
                               uint64_t n) {
  qemu_plugin_register_vcpu_mem_inline_per_vcpu(
      insn, rw, QEMU_PLUGIN_INLINE_ADD_U64, *c, n);
}

#endif

// "name value" on a line of its own.
static inline void Print(const char* name, uint64_t value) {
  char line[128];
  snprintf(line, sizeof line, "%s %" PRIu64 "\n", name, value);
  qemu_plugin_outs(line);
}

#endif  // FAULTLINE_TESTS_PLUGIN_API_QEMU_COUNTER_H_
