/* Offers both interfaces, and goes when the first block is translated: it is
 * called no more. */

#include <stdint.h>
#include <stdio.h>

#include "plugin/api/faultline-plugin.h"
#include "plugin/api/qemu_abi.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;
FAULTLINE_EXPORT int faultline_plugin_version = FAULTLINE_PLUGIN_VERSION;

static uint64_t called;

static void OnEvent(const faultline_event* event, void* user) {
  (void)event, (void)user;
  ++called;
}
static void OnFault(const faultline_fault* fault, void* user) {
  (void)fault, (void)user;
  ++called;
}
static void OnSite(const faultline_passing* passing, void* user) {
  (void)passing, (void)user;
  ++called;
}
static void OnExit(void* user) {
  (void)user;
  faultline_print("called at the end\n");
}

static void OnGone(qemu_plugin_id_t id) {
  (void)id;
  faultline_print(called > 0 ? "gone after calls\n" : "gone\n");
}
static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)tb;
  if (faultline_on_exit(id, OnExit, NULL)) {
    faultline_print("it is too late to ask\n");
  }
  qemu_plugin_uninstall(id, OnGone);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  return 0;
}

int faultline_plugin_install(faultline_id id, const faultline_info* info,
                             int argc, char** argv) {
  (void)info, (void)argc, (void)argv;
  return faultline_on_event(id, FAULTLINE_ALL_KINDS, OnEvent, NULL) &&
                 faultline_on_fault(id, OnFault, NULL) &&
                 faultline_on_site(id, "*", OnSite, NULL) &&
                 faultline_on_exit(id, OnExit, NULL)
             ? 0
             : 1;
}
