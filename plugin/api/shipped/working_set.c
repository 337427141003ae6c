/* working_set: which pages a program uses, and when.
 *
 *   --plugin working_set.so[,file=OUT][,window=NS]
 *
 * Writes CSV: a line for each window of the machine's time (default 1 ms) in
 * which memory was used, "window,START,PAGES,NEW", and at the end one for each
 * page, by address: "page,ADDRESS,FIRST,LAST,LOADS,STORES" (times in ns). Pages
 * of several processes at one address count as one.
 *
 * Accesses come by QEMU's interface, time by Faultline's own. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/api/faultline-plugin.h"
#include "plugin/api/qemu_abi.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;
FAULTLINE_EXPORT int faultline_plugin_version = FAULTLINE_PLUGIN_VERSION;

typedef struct {
  uint64_t number; /* plus one; 0: the slot is free */
  uint64_t first, last, loads, stores;
  uint64_t window; /* the last it was used in, plus one */
} Page;

static Page* pages;
static size_t n_pages, n_slots;
static uint64_t page_shift = 12, window_ns = 1000000;
static uint64_t window, used, fresh; /* the present one, plus one; its counts */
static const char* out_path = "working_set.csv";
static FILE* out;

static Page* Slot(Page* table, size_t slots, uint64_t number) {
  size_t i = (size_t)(number * 0x9e3779b97f4a7c15) % slots;
  while (table[i].number != 0 && table[i].number != number) {
    i = (i + 1) % slots;
  }
  return &table[i];
}

static Page* Find(uint64_t number) {
  if (2 * n_pages >= n_slots) {
    const size_t more = n_slots == 0 ? 1 << 12 : 2 * n_slots;
    Page* const table = calloc(more, sizeof *table);
    if (table == NULL) {
      abort();
    }
    for (size_t i = 0; i < n_slots; ++i) {
      if (pages[i].number != 0) {
        *Slot(table, more, pages[i].number) = pages[i];
      }
    }
    free(pages);
    pages = table;
    n_slots = more;
  }
  return Slot(pages, n_slots, number);
}

static void EndWindow(void) {
  if (window != 0) {
    fprintf(out, "window,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
            (window - 1) * window_ns, used, fresh);
  }
  used = fresh = 0;
}

static void OnAccess(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
                     void* user) {
  (void)vcpu, (void)user;
  const uint64_t now = faultline_now();
  if (now / window_ns + 1 != window) {
    EndWindow();
    window = now / window_ns + 1;
  }
  const uint64_t number = (vaddr >> page_shift) + 1;
  Page* const page = Find(number);
  if (page->number == 0) {
    *page = (Page){.number = number, .first = now};
    ++n_pages;
    ++fresh;
  }
  page->last = now;
  ++*(qemu_plugin_mem_is_store(info) ? &page->stores : &page->loads);
  if (page->window != window) {
    page->window = window;
    ++used;
  }
}

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); ++i) {
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), OnAccess,
                                     QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                     NULL);
  }
}

static int ByNumber(const void* a, const void* b) {
  const uint64_t x = ((const Page*)a)->number, y = ((const Page*)b)->number;
  return (x > y) - (x < y);
}

static void OnExit(void* user) {
  (void)user;
  EndWindow();
  qsort(pages, n_slots, sizeof *pages, ByNumber);
  for (size_t i = 0; i < n_slots; ++i) {
    const Page* const p = &pages[i];
    if (p->number != 0) {
      fprintf(out,
              "page,0x%" PRIx64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
              "\n",
              (p->number - 1) << page_shift, p->first, p->last, p->loads,
              p->stores);
    }
  }
  fclose(out);
}

int faultline_plugin_install(faultline_id id, const faultline_info* info,
                             int argc, char** argv) {
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "file=", 5) == 0) {
      out_path = argv[i] + 5;
    } else if (strncmp(argv[i], "window=", 7) == 0) {
      window_ns = strtoull(argv[i] + 7, NULL, 0);
    } else {
      window_ns = 0;
    }
  }
  if (window_ns == 0) {
    faultline_print("working_set: options are file=OUT and window=NS\n");
    return -1;
  }
  for (page_shift = 0; info->page_size >> page_shift > 1;) {
    ++page_shift;
  }
  out = fopen(out_path, "w");
  if (out == NULL) {
    faultline_print("working_set: the file cannot be written\n");
    return -1;
  }
  faultline_on_exit(id, OnExit, NULL);
  return 0;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  return 0;
}
