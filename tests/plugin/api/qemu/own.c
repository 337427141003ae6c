// Covers: plugin/api/own.cc plugin/api/own_calls.cc
/* Everything of faultline-plugin.h once: counts what it is told, and with
 * fail=SITE makes the first passing of SITE fail, with ppid=N makes getppid()
 * answer N; site=SITE asks for SITE, null=on for calls of nothing. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/api/faultline-plugin.h"

FAULTLINE_EXPORT int faultline_plugin_version = FAULTLINE_PLUGIN_VERSION;

static uint64_t events[FAULTLINE_KINDS], faults, written, locks, asked;
static uint64_t fault_registers;
static uint64_t tagged, ppid;
static int failures_left;

/* The result is in its register, and can be another. */
static void Answer(const faultline_event* event) {
  const bool x86 = faultline_read_register("rax", &(uint64_t){0}, 8) == 8;
  const char* const name = x86 ? "rax" : "x0";
  const faultline_field* const result = faultline_field_of(event, "result");
  uint64_t value = 0;
  if (faultline_read_register(name, &value, sizeof value) != sizeof value ||
      result == NULL || result->number != value ||
      faultline_write_register(name, &ppid, sizeof ppid) != sizeof ppid) {
    faultline_print("own: the result is not there\n");
  }
}

static void OnEvent(const faultline_event* event, void* user) {
  (void)user;
  ++events[event->kind];
  if (ppid != 0 && event->kind == FAULTLINE_SYSCALL && event->name.size == 7 &&
      memcmp(event->name.data, "getppid", 7) == 0) {
    Answer(event);
  }
  const faultline_field* const address = faultline_field_of(event, "address");
  if (event->kind == FAULTLINE_TAG && address != NULL) {
    tagged += faultline_read_tag(address->number) >= 0;
  }
}

static void OnFault(const faultline_fault* fault, void* user) {
  (void)user;
  ++faults;
  written += fault->access == 'w';
  uint64_t pc = 0, wrong = 0;
  if ((faultline_read_register("rip", &pc, sizeof pc) == 8 ||
       faultline_read_register("pc", &pc, sizeof pc) == 8) &&
      pc == fault->pc && faultline_pid() == fault->pid &&
      faultline_tid() == fault->tid &&
      faultline_read_register("nosuch", &wrong, sizeof wrong) == 0 &&
      faultline_read_register("rip", &wrong, 4) == 0) {
    ++fault_registers;
  }
  (void)faultline_read_tag(fault->address);
  /* What has just been faulted in for writing can be written: it is done, and
   * undone. */
  uint64_t word = 0;
  const uint64_t other = 0x5a5a5a5a5a5a5a5a;
  const uint64_t at = fault->address & ~(uint64_t)7;
  if (fault->access == 'w' && strcmp(fault->outcome, "done") == 0 &&
      (faultline_read_memory(at, &word, sizeof word) != sizeof word ||
       faultline_write_memory(at, &other, sizeof other) != sizeof other ||
       faultline_write_memory(at, &word, sizeof word) != sizeof word)) {
    faultline_print("own: memory that was faulted in cannot be written\n");
  }
}

static void OnLock(const faultline_passing* passing, void* user) {
  (void)user;
  locks += strcmp(passing->site, "mmap_lock.locked") == 0;
}

static bool Decide(const faultline_passing* passing, void* user) {
  (void)passing, (void)user;
  ++asked;
  return failures_left-- > 0;
}

static void OnExit(void* user) {
  (void)user;
  char text[512];
  snprintf(text, sizeof text,
           "faults %" PRIu64 "\nwritten %" PRIu64 "\nfault_registers %" PRIu64
           "\nlocks %" PRIu64 "\nasked %" PRIu64 "\nfault_events %" PRIu64
           "\ntable_events %" PRIu64 "\nvma_events %" PRIu64
           "\nsyscall_events %" PRIu64 "\ninject_events %" PRIu64
           "\npoint_events %" PRIu64 "\ntag_events %" PRIu64
           "\ntags_read %" PRIu64 "\n",
           faults, written, fault_registers, locks, asked,
           events[FAULTLINE_FAULT], events[FAULTLINE_TABLE],
           events[FAULTLINE_VMA], events[FAULTLINE_SYSCALL],
           events[FAULTLINE_INJECT], events[FAULTLINE_POINT],
           events[FAULTLINE_TAG], tagged);
  faultline_print(text);
}

int faultline_plugin_install(faultline_id id, const faultline_info* info,
                             int argc, char** argv) {
  if (info->version != FAULTLINE_PLUGIN_VERSION || info->page_size != 4096) {
    return 1;
  }
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "fail=", 5) == 0) {
      failures_left = 1;
      faultline_decide(id, argv[i] + 5, Decide, NULL);
    } else if (strncmp(argv[i], "site=", 5) == 0) {
      faultline_on_site(id, argv[i] + 5, OnLock, NULL);
    } else if (strncmp(argv[i], "ppid=", 5) == 0) {
      ppid = strtoull(argv[i] + 5, NULL, 10);
    } else if (strcmp(argv[i], "null=on") == 0) {
      faultline_on_event(id, FAULTLINE_ALL_KINDS, NULL, NULL);
    }
  }
  faultline_on_event(id, FAULTLINE_ALL_KINDS, OnEvent, NULL);
  faultline_on_fault(id, OnFault, NULL);
  faultline_on_site(id, "mmap_lock*", OnLock, NULL);
  faultline_on_exit(id, OnExit, NULL);
  return 0;
}
