// Covers: plugin/api/own.cc plugin/api/own_calls.cc
/* Everything of faultline-plugin.h once: counts what it is told, and with
 * fail=SITE makes the first passing of SITE fail. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/api/faultline-plugin.h"

FAULTLINE_EXPORT int faultline_plugin_version = FAULTLINE_PLUGIN_VERSION;

static uint64_t events[FAULTLINE_KINDS], faults, written, locks, asked;
static uint64_t fault_registers;
static int failures_left;

static void OnEvent(const faultline_event* event, void* user) {
  (void)user;
  ++events[event->kind];
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
           "\npoint_events %" PRIu64 "\n",
           faults, written, fault_registers, locks, asked,
           events[FAULTLINE_FAULT], events[FAULTLINE_TABLE],
           events[FAULTLINE_VMA], events[FAULTLINE_SYSCALL],
           events[FAULTLINE_INJECT], events[FAULTLINE_POINT]);
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
    }
  }
  faultline_on_event(id, FAULTLINE_ALL_KINDS, OnEvent, NULL);
  faultline_on_fault(id, OnFault, NULL);
  faultline_on_site(id, "mmap_lock*", OnLock, NULL);
  faultline_on_exit(id, OnExit, NULL);
  return 0;
}
