/* Pages of data that were accessed, virtual and physical. */

#include "tests/plugin/api/qemu/counter.h"

enum { kPageShift = 12, kSlots = 1 << 16 };

/* Open addressing; page numbers plus one, so that 0 is none. */
typedef struct {
  uint64_t page[kSlots];
  uint64_t used;
} Set;
static Set virtual_pages, physical_pages;

static void Add(Set* set, uint64_t address) {
  const uint64_t page = (address >> kPageShift) + 1;
  for (uint64_t i = page * 0x9e3779b97f4a7c15 >> 48;; ++i) {
    uint64_t* slot = &set->page[i % kSlots];
    if (*slot == page || set->used == kSlots / 2) {
      return;
    }
    if (*slot == 0) {
      *slot = page;
      ++set->used;
      return;
    }
  }
}

static void OnAccess(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
                     void* user) {
  (void)vcpu, (void)user;
  Add(&virtual_pages, vaddr);
  struct qemu_plugin_hwaddr* hw = qemu_plugin_get_hwaddr(info, vaddr);
  if (hw != NULL && !qemu_plugin_hwaddr_is_io(hw)) {
    Add(&physical_pages, qemu_plugin_hwaddr_phys_addr(hw));
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

static void OnExit(qemu_plugin_id_t id, void* user) {
  (void)id, (void)user;
  Print("virtual_pages", virtual_pages.used);
  Print("physical_pages", physical_pages.used);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
