// A Unicorn engine of our own, with Faultline's memory manager in the place of
// an MMU and of Linux's mm/: the guest stores to pages that come into being as
// it does, and loads from one that is gone.

#include <sys/mman.h>
#include <unicorn/unicorn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "arch_x86/arch_ops.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/fault/handle_page_fault.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/memory_manager.h"

namespace mm = faultline::mm;

namespace {

// add [rdi], rdi; add rdi, 4096; dec rcx; jnz: a store to each of rcx pages.
constexpr uint8_t kStores[] = {0x48, 0x01, 0x3f, 0x48, 0x81, 0xc7, 0x00, 0x10,
                               0x00, 0x00, 0x48, 0xff, 0xc9, 0x75, 0xf1};
constexpr uint64_t kPage = 4096;

void Check(bool ok, const char* what) {
  if (!ok) {
    std::fprintf(stderr, "embed: %s\n", what);
    std::exit(1);
  }
}

// What the memory manager knows of us: that we cache translations.
class Tlb : public mm::Tlb {
 public:
  explicit Tlb(uc_engine* uc) : uc_(uc) {}
  void FlushRange(const mm::AddressSpace&, mm::GuestRange) override {
    uc_ctl_flush_tlb(uc_);
  }
  void FlushMm(const mm::AddressSpace&) override { uc_ctl_flush_tlb(uc_); }
  void FlushCode(mm::Pfn) override { uc_ctl_flush_tb(uc_); }

 private:
  uc_engine* uc_;
};

struct Cpu {
  uc_engine* uc = nullptr;
  mm::MemoryManager* memory = nullptr;
  mm::AddressSpace* space = nullptr;
  mm::Fault fault;  // why the last access was refused
};

// The engine asks where an address is: the page tables know, or nobody does.
bool OnFill(uc_engine*, uint64_t va, uc_mem_type type, uc_tlb_entry* out,
            void* user) {
  auto& cpu = *static_cast<Cpu*>(user);
  mm::Fault fault;
  fault.address = mm::GuestAddr(va);
  fault.access = type == UC_MEM_FETCH   ? mm::Access::kExec
                 : type == UC_MEM_WRITE ? mm::Access::kWrite
                                        : mm::Access::kRead;
  mm::PageTable::Translation t;
  if (!cpu.space->page_table().Translate(fault.address, fault.access,
                                         mm::Mode::kUser, &t,
                                         &fault.was_present)) {
    cpu.fault = fault;
    return false;
  }
  out->paddr = t.pfn.ToPhys(cpu.memory->page_shift()).value();
  out->perms = uc_prot(UC_PROT_READ | (t.write ? UC_PROT_WRITE : 0) |
                       (t.exec ? UC_PROT_EXEC : 0));
  if (t.exec) {
    cpu.memory->phys().MarkExecuted(t.pfn);
  }
  return true;
}

// Runs from `at` to `end`; what the CPU cannot resolve, the memory manager
// does. False: it cannot either.
bool Run(Cpu& cpu, uint64_t at, uint64_t end) {
  for (;;) {
    if (uc_emu_start(cpu.uc, at, end, 0, 0) == UC_ERR_OK) {
      return true;
    }
    uc_reg_read(cpu.uc, UC_X86_REG_RIP, &at);
    cpu.fault.pc = mm::GuestAddr(at);
    if (!mm::HandlePageFault(*cpu.space, cpu.fault).handled()) {
      return false;
    }
  }
}

uint64_t Map(mm::AddressSpace& space, uint64_t bytes) {
  const auto at = mm::Mmap(space, {.length = bytes,
                                   .prot = PROT_READ | PROT_WRITE,
                                   .flags = MAP_PRIVATE | MAP_ANONYMOUS});
  Check(at.ok(), "mmap");
  return at->value();
}

}  // namespace

int main() {
  Cpu cpu;
  Check(uc_open(UC_ARCH_X86, UC_MODE_64, &cpu.uc) == UC_ERR_OK, "uc_open");
  uc_ctl_tlb_mode(cpu.uc, UC_TLB_VIRTUAL);
  uc_hook hook = 0;
  uc_hook_add(cpu.uc, &hook, UC_HOOK_TLB_FILL, reinterpret_cast<void*>(&OnFill),
              &cpu, 1, 0);

  Tlb tlb(cpu.uc);
  auto memory = mm::MemoryManager::Create(faultline::x86::Ops(), tlb,
                                          {.memory_bytes = 64 << 20});
  Check(memory.ok(), "no memory");
  cpu.memory = memory->get();
  mm::PhysMem& phys = cpu.memory->phys();
  uc_mem_map_ptr(cpu.uc, 0, phys.bytes(), UC_PROT_ALL, phys.ram());
  auto space = mm::AddressSpace::Create(*cpu.memory);
  Check(space.ok(), "no address space");
  cpu.space = space->get();

  // The program: a page is written as the guest would write it, then made code.
  const uint64_t code = Map(*cpu.space, kPage);
  mm::Fault store;
  store.address = mm::GuestAddr(code);
  store.access = mm::Access::kWrite;
  Check(mm::HandlePageFault(*cpu.space, store).handled(), "code");
  mm::PageTable::Translation t;
  cpu.space->page_table().Translate(store.address, store.access,
                                    mm::Mode::kUser, &t, nullptr);
  std::memcpy(phys.Data(t.pfn), kStores, sizeof kStores);
  Check(mm::Mprotect(*cpu.space, mm::GuestAddr(code), kPage,
                     PROT_READ | PROT_EXEC)
            .ok(),
        "mprotect");

  constexpr uint64_t kPages = 100;
  const uint64_t data = Map(*cpu.space, kPages * kPage);
  const auto stores = [&](uint64_t pages) {
    uint64_t at = data;
    uc_reg_write(cpu.uc, UC_X86_REG_RDI, &at);
    uc_reg_write(cpu.uc, UC_X86_REG_RCX, &pages);
    return Run(cpu, code, code + sizeof kStores);
  };
  Check(stores(kPages), "stores to what is mapped");
  std::printf("%d faults, %d pages of data\n",
              int(cpu.memory->counters().faults),
              int(cpu.space->rss.anon.value()) - 1);

  const auto gone =
      mm::Munmap(*cpu.space, mm::GuestAddr(data + 40 * kPage), 10 * kPage);
  Check(gone.ok(), "munmap");
  const bool ran = stores(kPages);
  std::printf("%d pages; the store to page %d %s\n",
              int(cpu.space->rss.anon.value()) - 1,
              int((cpu.fault.address.value() - data) / kPage),
              ran ? "went through" : "is nobody's");
  return 0;
}
