// bare_unicorn PROGRAM: runs a freestanding static ELF program of either
// architecture on Unicorn alone, with nothing of ours around it, until its
// first system call, whose argument is the exit status: the yardstick for what
// our memory manager costs translated code.

#include <elf.h>
#include <unicorn/unicorn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr uint64_t kPageSize = 4096;
constexpr uint64_t kMemory = 64 << 20;  // at address 0; the stack is at its end

void Check(uc_err err, const char* what) {
  if (err != UC_ERR_OK) {
    std::fprintf(stderr, "bare_unicorn: %s: %s\n", what, uc_strerror(err));
    std::exit(125);
  }
}

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <typename T>
T At(const std::string& bytes, uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

struct Range {
  uint64_t begin;
  uint64_t end;
};

Range g_text = {0, 0};  // the program's one executable segment, whole pages
int g_status = 125;

bool FillTlb(uc_engine*, uint64_t address, uc_mem_type, uc_tlb_entry* entry,
             void*) {
  bool text = g_text.begin <= address && address < g_text.end;
  entry->paddr = address & ~(kPageSize - 1);
  entry->perms = static_cast<uc_prot>(UC_PROT_READ |
                                      (text ? UC_PROT_EXEC : UC_PROT_WRITE));
  return address < kMemory;
}

void Load(uc_engine* uc, const std::string& file, const Elf64_Ehdr& header) {
  Check(uc_mem_map(uc, 0, kMemory, UC_PROT_ALL), "map");
  for (size_t i = 0; i < header.e_phnum; i++) {
    auto segment =
        At<Elf64_Phdr>(file, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_type != PT_LOAD) {
      continue;
    }
    Check(uc_mem_write(uc, segment.p_vaddr, file.data() + segment.p_offset,
                       segment.p_filesz),
          "write");
    if (segment.p_flags & PF_X) {
      g_text = {segment.p_vaddr & ~(kPageSize - 1),
                (segment.p_vaddr + segment.p_memsz + kPageSize - 1) &
                    ~(kPageSize - 1)};
    }
  }
}

void OnX86Syscall(uc_engine* uc, void*) {
  uint64_t rdi = 0;
  uc_reg_read(uc, UC_X86_REG_RDI, &rdi);
  g_status = static_cast<int>(rdi);
  uc_emu_stop(uc);
}

void OnArm64Interrupt(uc_engine* uc, uint32_t, void*) {
  uint64_t x0 = 0;
  uc_reg_read(uc, UC_ARM64_REG_X0, &x0);
  g_status = static_cast<int>(x0);
  uc_emu_stop(uc);
}

void AddHook(uc_engine* uc, int type, void* callback, int instruction = 0) {
  uc_hook hook = 0;
  Check(uc_hook_add(uc, &hook, type, callback, nullptr, 1, 0, instruction),
        "hook");
}

uc_engine* Open(bool x86) {
  uc_engine* uc = nullptr;
  Check(x86 ? uc_open(UC_ARCH_X86, UC_MODE_64, &uc)
            : uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &uc),
        "open");
  Check(x86 ? uc_ctl_set_cpu_model(uc, UC_CPU_X86_EPYC)
            : uc_ctl_set_page_size(uc, kPageSize),
        "model");
  Check(uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL), "TLB mode");
  AddHook(uc, UC_HOOK_TLB_FILL, reinterpret_cast<void*>(FillTlb));
  uint64_t sp = kMemory - 64;
  if (x86) {
    Check(uc_reg_write(uc, UC_X86_REG_RSP, &sp), "rsp");
    AddHook(uc, UC_HOOK_INSN, reinterpret_cast<void*>(OnX86Syscall),
            UC_X86_INS_SYSCALL);
  } else {
    Check(uc_reg_write(uc, UC_ARM64_REG_SP, &sp), "sp");
    AddHook(uc, UC_HOOK_INTR, reinterpret_cast<void*>(OnArm64Interrupt));
  }
  return uc;
}

}  // namespace

int main(int argc, char** argv) {
  std::string file = argc == 2 ? ReadFile(argv[1]) : "";
  if (file.size() < sizeof(Elf64_Ehdr)) {
    std::fputs("usage: bare_unicorn PROGRAM\n", stderr);
    return 2;
  }
  auto header = At<Elf64_Ehdr>(file, 0);
  uc_engine* uc = Open(header.e_machine == EM_X86_64);
  Load(uc, file, header);
  Check(uc_emu_start(uc, header.e_entry, 0, 0, 0), "run");
  uc_close(uc);
  return g_status;
}
