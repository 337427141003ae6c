// Covers: plugin/api/host.cc plugin/api/plan_actions.cc plugin/api/qemu_life.cc
// Covers: plugin/api/plugin.cc plugin/cli/plugins.cc
/* Instructions executed: counted by themselves ("insns"), by a call for each
 * ("calls", with call=on), and by the block that they are of ("by_block"). */

#include "tests/plugin/api/qemu/counter.h"

static Counter insns, calls, by_block;
static bool call;

static void OnInsn(unsigned vcpu, void* user) {
  (void)user;
  CounterAdd(&calls, vcpu, 1);
}

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const size_t n = qemu_plugin_tb_n_insns(tb);
  CountBlock(tb, &by_block, n);
  for (size_t i = 0; i < n; ++i) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    CountInsn(insn, &insns, 1);
    if (call) {
      qemu_plugin_register_vcpu_insn_exec_cb(insn, OnInsn,
                                             QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
  }
}

static void OnExit(qemu_plugin_id_t id, void* user) {
  (void)id, (void)user;
  Print("insns", CounterSum(&insns));
  Print("by_block", CounterSum(&by_block));
  if (call) {
    Print("calls", CounterSum(&calls));
  }
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "call=", 5) != 0 ||
        !qemu_plugin_bool_parse("call", argv[i] + 5, &call)) {
      return -1;
    }
  }
  CounterInit(&insns);
  CounterInit(&calls);
  CounterInit(&by_block);
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
