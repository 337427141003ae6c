/* Asks twice to be reset, in each block until it is told that it has been; and
 * then to be unloaded, in the same way. Told once of each. */

#include <stdio.h>

#include "plugin/api/qemu_abi.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static qemu_plugin_id_t self;
static int resets, unloads;

static void OnUnload(qemu_plugin_id_t id) {
  (void)id;
  ++unloads;
  fprintf(stderr, "resets %d\nunloads %d\n", resets, unloads);
}

static void OnBlockAfter(unsigned vcpu, void* data) {
  (void)vcpu, (void)data;
  qemu_plugin_uninstall(self, OnUnload);
  qemu_plugin_uninstall(self, OnUnload);
}

static void OnTranslateAfter(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(tb, OnBlockAfter, QEMU_PLUGIN_CB_NO_REGS,
                                       NULL);
}

static void OnReset(qemu_plugin_id_t id) {
  ++resets;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslateAfter);
}

static void OnBlock(unsigned vcpu, void* data) {
  (void)vcpu, (void)data;
  qemu_plugin_reset(self, OnReset);
  qemu_plugin_reset(self, OnReset);
}

static void OnTranslate(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(tb, OnBlock, QEMU_PLUGIN_CB_NO_REGS,
                                       NULL);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
                                           const qemu_info_t* info, int argc,
                                           char** argv) {
  (void)info, (void)argc, (void)argv;
  self = id;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslate);
  return 0;
}
