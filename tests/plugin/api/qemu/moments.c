/* Asks for registers and memory where plug-ins seldom do: at system calls, when
 * nothing runs, and for more than there is. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plugin/api/qemu_abi.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

struct _GArray {
  char* data;
  unsigned len;
};
struct _GByteArray {
  uint8_t* data;
  unsigned len;
};
extern GByteArray* g_byte_array_new(void);
extern GByteArray* g_byte_array_set_size(GByteArray* array, unsigned length);

static GByteArray* buffer;
static struct qemu_plugin_register *result_handle, *number_handle;
static uint64_t calls, returns, wrong_number, wrong_result, idle_reads;
static uint64_t too_much, unnamed;

static bool Read(struct qemu_plugin_register* handle, uint64_t* value) {
  g_byte_array_set_size(buffer, 0);
  if (qemu_plugin_read_register(handle, buffer) != sizeof *value) {
    return false;
  }
  memcpy(value, buffer->data, sizeof *value);
  return true;
}

static void OnInit(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id, (void)vcpu;
  GArray* const list = qemu_plugin_get_registers();
  const qemu_plugin_reg_descriptor* const r = (void*)list->data;
  for (unsigned i = 0; i < list->len; ++i) {
    if (strcmp(r[i].name, "rax") == 0) {
      result_handle = number_handle = r[i].handle;
    } else if (strcmp(r[i].name, "x0") == 0) {
      result_handle = r[i].handle;
    } else if (strcmp(r[i].name, "x8") == 0) {
      number_handle = r[i].handle;
    }
  }
}

static void OnSyscall(qemu_plugin_id_t id, unsigned vcpu, int64_t num,
                      uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                      uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)vcpu, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
  (void)a6, (void)a7, (void)a8;
  uint64_t number = 0;
  ++calls;
  wrong_number += !Read(number_handle, &number) || number != (uint64_t)num;
}
static void OnReturn(qemu_plugin_id_t id, unsigned vcpu, int64_t num,
                     int64_t ret) {
  (void)id, (void)vcpu, (void)num;
  uint64_t result = 0;
  if (Read(result_handle, &result)) { /* else it was the program's end */
    ++returns;
    wrong_result += result != (uint64_t)ret;
  }
}

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  too_much += qemu_plugin_read_memory_vaddr(qemu_plugin_tb_vaddr(tb), buffer,
                                            (size_t)1 << 40);
  const char* const name =
      qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(tb, 0));
  unnamed += name != NULL && *name == 0;
}

static void OnExit(qemu_plugin_id_t id, void* user) {
  (void)id, (void)user;
  uint64_t value = 0;
  idle_reads += Read(result_handle, &value);
  char text[256];
  snprintf(text, sizeof text,
           "calls_without_return %" PRIu64 "\nwrong_number %" PRIu64
           "\nwrong_result %" PRIu64 "\nidle_reads %" PRIu64
           "\ntoo_much %" PRIu64 "\nempty_names %" PRIu64 "\n",
           calls - returns, wrong_number, wrong_result, idle_reads, too_much,
           unnamed);
  qemu_plugin_outs(text);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)info, (void)argc, (void)argv;
  buffer = g_byte_array_new();
  qemu_plugin_register_vcpu_init_cb(id, OnInit);
  qemu_plugin_register_vcpu_syscall_cb(id, OnSyscall);
  qemu_plugin_register_vcpu_syscall_ret_cb(id, OnReturn);
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
