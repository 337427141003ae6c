/* Accesses to memory by kind and size, their bytes, and a sum of the values;
 * how many by inline operations. */

#include "tests/plugin/api/qemu/counter.h"

static uint64_t count[2][5], bytes[2], sign_extended, value_sum;
static Counter loads, stores;

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
      value_sum += v.data.u8;
      break;
    case QEMU_PLUGIN_MEM_VALUE_U16:
      value_sum += v.data.u16;
      break;
    case QEMU_PLUGIN_MEM_VALUE_U32:
      value_sum += v.data.u32;
      break;
    case QEMU_PLUGIN_MEM_VALUE_U64:
      value_sum += v.data.u64;
      break;
    case QEMU_PLUGIN_MEM_VALUE_U128:
      value_sum += v.data.u128.low + v.data.u128.high;
      break;
  }
#endif
}

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); ++i) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    qemu_plugin_register_vcpu_mem_cb(insn, OnAccess, QEMU_PLUGIN_CB_NO_REGS,
                                     QEMU_PLUGIN_MEM_RW, NULL);
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
