/* Blocks executed, by inline operations and by calls. */

#include "tests/plugin/api/qemu/counter.h"

static Counter inlined, called;

static void OnRun(unsigned vcpu, void* user) {
  (void)user;
  CounterAdd(&called, vcpu, 1);
}

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  CountBlock(tb, &inlined, 1);
  qemu_plugin_register_vcpu_tb_exec_cb(tb, OnRun, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void OnExit(qemu_plugin_id_t id, void* user) {
  (void)id, (void)user;
  Print("blocks", CounterSum(&inlined));
  Print("calls", CounterSum(&called));
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)info, (void)argc, (void)argv;
  CounterInit(&inlined);
  CounterInit(&called);
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
