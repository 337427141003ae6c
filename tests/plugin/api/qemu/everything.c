// Covers: plugin/api/qemu_machine.cc plugin/api/register_list.cc
// Covers: plugin/api/glib.cc plugin/api/host_machine.cc
/* The rest of QEMU's interface, each function once; prints what a program of
 * known making must answer. Runs in QEMU as well. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/api/qemu_abi.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* As GLib has them (docs.gtk.org/glib, "Arrays"). */
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
extern char* g_array_free(GArray* array, int free_segment);
extern void g_free(void* data);

static qemu_plugin_id_t self;
static bool x86;
static unsigned inits, exits, idles, resumes, flushes, resets, living;
static struct qemu_plugin_register *pc_handle, *sp_handle;
static const char* sp_name;
static GByteArray* buffer;
static qemu_plugin_u64 hits, marks;
static uint64_t calls_if, calls_never, wrong_pc, wrong_code, ran;
static uint64_t main_address, translated;
static const void* time_handle;

static void Print(const char* name, uint64_t value) {
  char line[128];
  snprintf(line, sizeof line, "%s %" PRIu64 "\n", name, value);
  qemu_plugin_outs(line);
}

static uint64_t ReadRegister(struct qemu_plugin_register* handle) {
  uint64_t value = 0;
  g_byte_array_set_size(buffer, 0);
  if (qemu_plugin_read_register(handle, buffer) == sizeof value) {
    memcpy(&value, buffer->data, sizeof value);
  }
  return value;
}

static void OnInit(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id, (void)vcpu;
  ++inits;
  GArray* const list = qemu_plugin_get_registers();
  const qemu_plugin_reg_descriptor* r = (void*)list->data;
  for (unsigned i = 0; i < list->len; ++i) {
    if (strcmp(r[i].name, x86 ? "rip" : "pc") == 0) {
      pc_handle = r[i].handle;
    } else if (strcmp(r[i].name, x86 ? "rsp" : "sp") == 0) {
      sp_handle = r[i].handle;
      sp_name = r[i].name;
    }
  }
  g_array_free(list, true);
}
static void OnVcpuExit(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id, (void)vcpu;
  ++exits;
}
static void OnIdle(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id, (void)vcpu;
  ++idles;
}
static void OnResume(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id, (void)vcpu;
  ++resumes;
}
static void OnFlush(qemu_plugin_id_t id) {
  (void)id;
  ++flushes;
}
static void CountLiving(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id, (void)vcpu;
  ++living;
}

/* At the first instruction of main(): its address is `user`. */
static void OnMain(unsigned vcpu, void* user) {
  ++ran;
  wrong_pc += ReadRegister(pc_handle) != (uintptr_t)user;
  g_byte_array_set_size(buffer, 0);
  uint8_t code[4] = {0};
  wrong_code +=
      !qemu_plugin_read_memory_vaddr((uintptr_t)user, buffer, sizeof code) ||
      buffer->len != sizeof code ||
      qemu_plugin_read_memory_vaddr(16, buffer, sizeof code);
  qemu_plugin_u64_set(marks, vcpu, 5);
  qemu_plugin_u64_add(marks, vcpu, 2);
}

static void OnHit(unsigned vcpu, void* user) {
  (void)vcpu;
  ++*(uint64_t*)user;
}

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  ++translated;
  struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, 0);
  const char* const symbol = qemu_plugin_insn_symbol(insn);
  /* In main() alone, so that all is of one vCPU and of one place. */
  if (symbol == NULL || strcmp(symbol, "main") != 0) {
    return;
  }
  const uint64_t at = qemu_plugin_insn_vaddr(insn);
  if (main_address == 0) {
    main_address = at;
    char* const text = qemu_plugin_insn_disas(insn);
    Print("has_text", text != NULL && strlen(text) > 2);
    g_free(text);
    uint8_t code[16];
    const size_t n = qemu_plugin_insn_data(insn, code, sizeof code);
    Print("has_code", n == qemu_plugin_insn_size(insn) &&
                          memcmp(code, qemu_plugin_insn_haddr(insn), n) == 0);
    char* const path = (char*)qemu_plugin_path_to_binary();
    const char* const end = strrchr(path, '/');
    Print("has_path", end != NULL && strcmp(end, "/loop") == 0);
    g_free(path);
    Print("in_code",
          at >= qemu_plugin_start_code() && at < qemu_plugin_end_code());
    Print("entry_in_code",
          qemu_plugin_entry_code() >= qemu_plugin_start_code() &&
              qemu_plugin_entry_code() < qemu_plugin_end_code());
  }
  if (at == main_address) {
    qemu_plugin_register_vcpu_insn_exec_cb(insn, OnMain, QEMU_PLUGIN_CB_R_REGS,
                                           (void*)(uintptr_t)at);
  }
  qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(
      tb, QEMU_PLUGIN_INLINE_ADD_U64, hits, 1);
  qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, OnHit, QEMU_PLUGIN_CB_NO_REGS,
                                            QEMU_PLUGIN_COND_EQ, hits, 2,
                                            &calls_if);
  qemu_plugin_register_vcpu_insn_exec_cond_cb(
      insn, OnHit, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_COND_NEVER, hits, 0,
      &calls_never);
}

static void OnReset(qemu_plugin_id_t id);

static void OnExit(qemu_plugin_id_t id, void* user) {
  (void)user;
  Print("inits", inits);
  Print("exits", exits);
  Print("idle_and_resumed", idles > 0 && resumes > 0);
  Print("flushes", flushes);
  Print("resets", resets);
  qemu_plugin_vcpu_for_each(id, CountLiving);
  Print("living", living);
  Print("vcpus", (uint64_t)qemu_plugin_num_vcpus());
  Print("main_ran", ran);
  Print("wrong_pc", wrong_pc);
  Print("wrong_code", wrong_code);
  Print("stack", sp_name != NULL);
  Print("calls_if", calls_if);
  Print("calls_never", calls_never);
  Print("marks", qemu_plugin_u64_sum(marks));
  Print("marks_of_first", qemu_plugin_u64_get(marks, 0));
  Print("marks_in_place",
        *(uint64_t*)qemu_plugin_scoreboard_find(marks.score, 0));
  bool yes = false;
  Print("parses", qemu_plugin_bool_parse("a", "yes", &yes) && yes &&
                      !qemu_plugin_bool_parse("a", "maybe", &yes));
  Print("translated", translated > 0);
  qemu_plugin_scoreboard_free(hits.score);
}

static void Register(void) {
  qemu_plugin_register_vcpu_init_cb(self, OnInit);
  qemu_plugin_register_vcpu_exit_cb(self, OnVcpuExit);
  qemu_plugin_register_vcpu_idle_cb(self, OnIdle);
  qemu_plugin_register_vcpu_resume_cb(self, OnResume);
  qemu_plugin_register_vcpu_tb_trans_cb(self, OnBlock);
  qemu_plugin_register_flush_cb(self, OnFlush);
  qemu_plugin_register_atexit_cb(self, OnExit, NULL);
}

static void OnReset(qemu_plugin_id_t id) {
  (void)id;
  ++resets;
  Register();
}

static void ResetOnce(qemu_plugin_id_t id, unsigned vcpu, int64_t num,
                      uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                      uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)vcpu, (void)num, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
  (void)a6, (void)a7, (void)a8;
  qemu_plugin_reset(id, OnReset);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  self = id;
  x86 = strcmp(info->target_name, "x86_64") == 0;
  buffer = g_byte_array_new();
  hits.score = qemu_plugin_scoreboard_new(2 * sizeof(uint64_t));
  hits.offset = 0;
  marks.score = hits.score;
  marks.offset = sizeof(uint64_t);
  time_handle = qemu_plugin_request_time_control();
  if (time_handle == NULL || qemu_plugin_request_time_control() != NULL) {
    return 2;
  }
  qemu_plugin_update_ns(time_handle, 1000);
  Register();
  for (int i = 0; i < argc; ++i) {
    if (strcmp(argv[i], "reset=on") == 0) {
      qemu_plugin_register_vcpu_syscall_cb(id, ResetOnce);
    }
  }
  return info->version.min <= QEMU_PLUGIN_VERSION &&
                 info->version.cur >= QEMU_PLUGIN_VERSION
             ? 0
             : 3;
}
