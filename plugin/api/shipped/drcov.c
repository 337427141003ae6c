/* drcov: the blocks of the program that have run, in DynamoRIO's coverage
 * format, which Lighthouse, Lightkeeper and Cartographer open.
 *
 *   --plugin drcov.so[,file=OUT]      (default: program.drcov)
 *
 * QEMU's interface, so QEMU's user mode can load it as well. */

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_abi.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

enum { kBuckets = 1 << 14 };

typedef struct Block {
  struct Block* next;
  uint64_t start;
  uint32_t size;
  bool ran;
} Block;

static Block* buckets[kBuckets];
static size_t n_ran;
static const char* out_path = "program.drcov";
static uint64_t start, end, entry;

static Block* Find(uint64_t at, uint32_t size) {
  Block** const bucket = &buckets[(at >> 2 ^ at >> 15) % kBuckets];
  for (Block* b = *bucket; b != NULL; b = b->next) {
    if (b->start == at && b->size == size) {
      return b;
    }
  }
  Block* const b = calloc(1, sizeof *b);
  if (b == NULL) {
    abort();
  }
  *b = (Block){*bucket, at, size, false};
  return *bucket = b;
}

static void OnRun(unsigned vcpu, void* user) {
  (void)vcpu;
  Block* const b = user;
  n_ran += !b->ran;
  b->ran = true;
}

static void OnBlock(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  if (entry == 0) { /* only known once a program runs */
    start = qemu_plugin_start_code();
    end = qemu_plugin_end_code();
    entry = qemu_plugin_entry_code();
  }
  const uint64_t at = qemu_plugin_tb_vaddr(tb);
  if (at < start || at >= end) {
    return;
  }
  uint32_t size = 0;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); ++i) {
    size += (uint32_t)qemu_plugin_insn_size(qemu_plugin_tb_get_insn(tb, i));
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, OnRun, QEMU_PLUGIN_CB_NO_REGS,
                                       Find(at, size));
}

/* Where the file's first page is loaded, which is what offsets count from. */
static uint64_t BaseOf(const char* path) {
  uint64_t base = start & ~(uint64_t)0xfff;
  FILE* const f = fopen(path, "rb");
  Elf64_Ehdr header;
  if (f != NULL && fread(&header, sizeof header, 1, f) == 1 &&
      memcmp(header.e_ident, ELFMAG, SELFMAG) == 0) {
    Elf64_Phdr p;
    fseek(f, (long)header.e_phoff, SEEK_SET);
    for (unsigned i = 0; i < header.e_phnum; ++i) {
      if (fread(&p, sizeof p, 1, f) == 1 && p.p_type == PT_LOAD) {
        base = entry - header.e_entry + (p.p_vaddr & ~(uint64_t)0xfff);
        break;
      }
    }
  }
  if (f != NULL) {
    fclose(f);
  }
  return base;
}

static int ByStart(const void* a, const void* b) {
  const Block* const x = *(Block* const*)a;
  const Block* const y = *(Block* const*)b;
  return x->start != y->start ? (x->start > y->start) - (x->start < y->start)
                              : (x->size > y->size) - (x->size < y->size);
}

static void OnExit(qemu_plugin_id_t id, void* user) {
  (void)id, (void)user;
  const char* const path = qemu_plugin_path_to_binary();
  const uint64_t base = path == NULL ? start : BaseOf(path);
  Block** const list = calloc(n_ran + 1, sizeof *list);
  FILE* const f = fopen(out_path, "wb");
  if (f == NULL || list == NULL) {
    qemu_plugin_outs("drcov: the file cannot be written\n");
    return;
  }
  size_t n = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    for (Block* b = buckets[i]; b != NULL; b = b->next) {
      if (b->ran) {
        list[n++] = b;
      }
    }
  }
  qsort(list, n, sizeof *list, ByStart);
  fprintf(f,
          "DRCOV VERSION: 2\nDRCOV FLAVOR: drcov-64\n"
          "Module Table: version 2, count 1\n"
          "Columns: id, base, end, entry, path\n"
          " 0, 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64
          ", %s\n"
          "BB Table: %zu bbs\n",
          base, end, entry, path == NULL ? "?" : path, n);
  for (size_t i = 0; i < n; ++i) {
    const struct {
      uint32_t offset;
      uint16_t size, module;
    } record = {(uint32_t)(list[i]->start - base), (uint16_t)list[i]->size, 0};
    fwrite(&record, sizeof record, 1, f);
  }
  fclose(f);
  free(list);
  free((char*)path); /* g_free() is free() */
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "file=", 5) != 0) {
      qemu_plugin_outs("drcov: the only option is file=OUT\n");
      return -1;
    }
    out_path = argv[i] + 5;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
