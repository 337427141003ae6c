#include "tests/plugin/engine/test_raw_engine.h"

#include <sys/mman.h>

#include <cstring>

#include "guest_mm/base/check.h"

namespace faultline::engine {

RawEngine::RawEngine(uc_arch arch, int model, int page_size) : arch_(arch) {
  void* ram = mmap(nullptr, kRamBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  FL_CHECK(ram != MAP_FAILED);
  ram_ = static_cast<uint8_t*>(ram);
  const bool x86 = arch == UC_ARCH_X86;
  FL_CHECK(uc_open(arch, x86 ? UC_MODE_64 : UC_MODE_ARM, &uc_) == UC_ERR_OK);
  if (!x86 && page_size != 0) {
    FL_CHECK(uc_ctl_set_page_size(uc_, page_size) == UC_ERR_OK);
  }
  if (model >= 0) {
    FL_CHECK(uc_ctl_set_cpu_model(uc_, model) == UC_ERR_OK);
  }
  FL_CHECK(uc_mem_map_ptr(uc_, 0, kRamBytes, UC_PROT_ALL, ram_) == UC_ERR_OK);
  FL_CHECK(uc_ctl_tlb_mode(uc_, UC_TLB_VIRTUAL) == UC_ERR_OK);
  uc_hook hook = 0;
  uc_hook_add(uc_, &hook, UC_HOOK_TLB_FILL, reinterpret_cast<void*>(&OnFill),
              this, 1, 0);
  uc_hook_add(uc_, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(&OnInterrupt),
              this, 1, 0);
  if (x86) {
    uc_hook_add(uc_, &hook, UC_HOOK_INSN, reinterpret_cast<void*>(&OnSyscall),
                this, 1, 0, UC_X86_INS_SYSCALL);
  }
  pages[kCode] = {kCodePhys, 0};
}

RawEngine::~RawEngine() {
  uc_close(uc_);
  munmap(ram_, kRamBytes);
}

bool RawEngine::OnFill(uc_engine*, uint64_t va, uc_mem_type type,
                       uc_tlb_entry* out, void* user) {
  auto& e = *static_cast<RawEngine*>(user);
  e.fills.push_back({va, type, e.pc()});
  const auto it = e.pages.find(va & ~uint64_t{0xfff});
  if (it == e.pages.end()) {
    return false;
  }
  const int perms = it->second.perms != 0  ? it->second.perms
                    : type == UC_MEM_FETCH ? UC_PROT_READ | UC_PROT_EXEC
                                           : UC_PROT_READ | UC_PROT_WRITE;
  const int wanted = type == UC_MEM_FETCH   ? UC_PROT_EXEC
                     : type == UC_MEM_WRITE ? UC_PROT_WRITE
                                            : UC_PROT_READ;
  out->paddr = it->second.physical + (va & 0xfff);
  out->perms = uc_prot(perms);
  return (perms & wanted) != 0;
}

void RawEngine::OnInterrupt(uc_engine* uc, uint32_t number, void* user) {
  auto& e = *static_cast<RawEngine*>(user);
  e.interrupts.push_back({number, e.pc()});
  uc_emu_stop(uc);
}

void RawEngine::OnSyscall(uc_engine* uc, void* user) {
  ++static_cast<RawEngine*>(user)->syscalls;
  uc_emu_stop(uc);
}

void RawEngine::Code(absl::Span<const uint8_t> bytes, uint64_t offset) {
  std::memcpy(ram_ + kCodePhys + offset, bytes.data(), bytes.size());
}
void RawEngine::Code(absl::Span<const uint32_t> words, uint64_t offset) {
  std::memcpy(ram_ + kCodePhys + offset, words.data(), words.size() * 4);
}

uc_err RawEngine::Run(uint64_t pc) { return uc_emu_start(uc_, pc, 0, 0, 0); }

unsigned RawEngine::FillsOf(uint64_t va) const {
  unsigned n = 0;
  for (const Fill& f : fills) {
    n += (f.va & ~uint64_t{0xfff}) == va;
  }
  return n;
}

void RawEngine::Clear() {
  fills.clear();
  interrupts.clear();
  syscalls = 0;
}

uint64_t RawEngine::Get(int reg) {
  uint64_t v = 0;
  uc_reg_read(uc_, reg, &v);
  return v;
}
void RawEngine::Set(int reg, uint64_t value) { uc_reg_write(uc_, reg, &value); }
uint64_t RawEngine::pc() {
  return Get(arch_ == UC_ARCH_X86 ? int{UC_X86_REG_RIP} : int{UC_ARM64_REG_PC});
}

}  // namespace faultline::engine
