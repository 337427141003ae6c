// Covers: plugin/api/observer.cc
/* System calls: the instructions that make them, known by their bytes; and what
 * the program is told of them where it has calls to tell of. */

#include "tests/plugin/api/qemu/counter.h"

static Counter made;
static uint64_t entered, returned;
static bool x86;

static void OnCall(qemu_plugin_id_t id, unsigned vcpu, int64_t num, uint64_t a1,
                   uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                   uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)vcpu, (void)num, (void)a1, (void)a2, (void)a3, (void)a4;
  (void)a5, (void)a6, (void)a7, (void)a8;
  ++entered;
}

static void OnReturn(qemu_plugin_id_t id, unsigned vcpu, int64_t num,
                     int64_t ret) {
  (void)id, (void)vcpu, (void)num, (void)ret;
  ++returned;
}

static bool MakesCall(const struct qemu_plugin_insn* insn) {
  static const uint8_t kSyscall[] = {0x0f, 0x05};
  static const uint8_t kSvc[] = {0x01, 0x00, 0x00, 0xd4};
  const uint8_t* const wanted = x86 ? kSyscall : kSvc;
  const size_t size = x86 ? sizeof kSyscall : sizeof kSvc;
  uint8_t bytes[16];
#if FAULTLINE_QEMU_ABI < 3
  memcpy(
      bytes, qemu_plugin_insn_data(insn),
      size < qemu_plugin_insn_size(insn) ? size : qemu_plugin_insn_size(insn));
#else
  qemu_plugin_insn_data(insn, bytes, sizeof bytes);
#endif
  return qemu_plugin_insn_size(insn) == size &&
         memcmp(bytes, wanted, size) == 0;
}

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); ++i) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    if (MakesCall(insn)) {
      CountInsn(insn, &made, 1);
    }
  }
}

static void OnExit(qemu_plugin_id_t id, void* user) {
  (void)id, (void)user;
  Print("made", CounterSum(&made));
  Print("entered", entered);
  Print("returned", returned);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)argc, (void)argv;
  x86 = strcmp(info->target_name, "x86_64") == 0;
  CounterInit(&made);
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_vcpu_syscall_cb(id, OnCall);
  qemu_plugin_register_vcpu_syscall_ret_cb(id, OnReturn);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
