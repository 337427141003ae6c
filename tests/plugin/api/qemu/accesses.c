// Covers: plugin/api/qemu_blocks.cc plugin/api/qemu_memory.cc
/* Accesses to memory by kind and size, and their bytes; how many by inline
 * operations. Between the marks of loop/rounds_*.S also a sum of the values, of
 * those that cannot be addresses, which lie elsewhere in each program. */

#include "tests/plugin/api/qemu/counter.h"

static uint64_t count[2][5], bytes[2], sign_extended, value_sum;
static Counter loads, stores;

#if FAULTLINE_QEMU_ABI >= 3
static bool between_marks;

static void AddValue(uint64_t v) {
  if (between_marks && v < 1 << 16) {
    value_sum += v;
  }
}
#endif

static void OnAccess(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
                     void* user) {
  (void)vcpu, (void)vaddr, (void)user;
  const bool store = qemu_plugin_mem_is_store(info);
  const unsigned shift = qemu_plugin_mem_size_shift(info);
  ++count[store][shift < 5 ? shift : 4];
  bytes[store] += (uint64_t)1 << shift;
  sign_extended += qemu_plugin_mem_is_sign_extended(info);
#if FAULTLINE_QEMU_ABI >= 3
  const qemu_plugin_mem_value v = qemu_plugin_mem_get_value(info);
  switch (v.type) {
    case QEMU_PLUGIN_MEM_VALUE_U8:
      AddValue(v.data.u8);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U16:
      AddValue(v.data.u16);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U32:
      AddValue(v.data.u32);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U64:
      AddValue(v.data.u64);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U128:
      AddValue(v.data.u128.low);
      AddValue(v.data.u128.high);
      break;
  }
#endif
}

#if FAULTLINE_QEMU_ABI >= 3
static void OnMark(unsigned vcpu, void* user) {
  (void)vcpu;
  between_marks = user != NULL;
}

/* "nopl 0x12345678(%rax)" and "hint #0x60" begin, the next number ends. */
static void LookForMark(struct qemu_plugin_insn* insn) {
  uint8_t b[7] = {0};
  const size_t n = qemu_plugin_insn_data(insn, b, sizeof b);
  const bool x86 = n == 7 && b[0] == 0x0f && b[1] == 0x1f && b[2] == 0x80 &&
                   (b[3] | 1) == 0x79 && b[4] == 0x56 && b[5] == 0x34 &&
                   b[6] == 0x12;
  const bool arm64 = n == 4 && (b[0] | 0x20) == 0x3f && b[1] == 0x2c &&
                     b[2] == 0x03 && b[3] == 0xd5;
  if (x86 || arm64) {
    const bool begin = x86 ? b[3] == 0x78 : b[0] == 0x1f;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, OnMark, QEMU_PLUGIN_CB_NO_REGS,
                                           begin ? insn : NULL);
  }
}
#endif

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); ++i) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    qemu_plugin_register_vcpu_mem_cb(insn, OnAccess, QEMU_PLUGIN_CB_NO_REGS,
                                     QEMU_PLUGIN_MEM_RW, NULL);
#if FAULTLINE_QEMU_ABI >= 3
    LookForMark(insn);
#endif
    CountAccess(insn, QEMU_PLUGIN_MEM_R, &loads, 1);
    CountAccess(insn, QEMU_PLUGIN_MEM_W, &stores, 1);
  }
}

static void OnExit(qemu_plugin_id_t id, void* user) {
  (void)id, (void)user;
  for (int store = 0; store < 2; ++store) {
    for (int shift = 0; shift < 5; ++shift) {
      char name[32];
      snprintf(name, sizeof name, "%s_%d", store ? "stores" : "loads",
               1 << shift);
      Print(name, count[store][shift]);
    }
  }
  Print("loaded_bytes", bytes[0]);
  Print("stored_bytes", bytes[1]);
  Print("sign_extended", sign_extended);
  Print("values", value_sum);
  Print("inline_loads", CounterSum(&loads));
  Print("inline_stores", CounterSum(&stores));
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)info, (void)argc, (void)argv;
  CounterInit(&loads);
  CounterInit(&stores);
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
