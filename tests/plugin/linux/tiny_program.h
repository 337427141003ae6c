#ifndef FAULTLINE_TESTS_PLUGIN_LINUX_TINY_PROGRAM_H_
#define FAULTLINE_TESTS_PLUGIN_LINUX_TINY_PROGRAM_H_

// TinyProgram: a static ELF program of a few instructions, for tests of the
// whole machine that need no compiler.

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "plugin/engine/registers.h"

namespace faultline::os {

class TinyProgram {
 public:
  explicit TinyProgram(engine::Arch arch) : arch_(arch) {}

  // Loads a small number into an argument register of a call (0 to 2).
  TinyProgram& Arg(int index, uint16_t value) {
    if (arch_ == engine::Arch::kX86) {
      static constexpr uint8_t kMov[] = {0xbf, 0xbe, 0xba};  // edi, esi, edx
      return Byte(kMov[index]).Word(value);
    }
    return Word(0xd2800000u | uint32_t{value} << 5 | uint32_t(index));
  }
  // Loads the address of the text in the data at the end.
  TinyProgram& ArgText(int index) {
    if (arch_ == engine::Arch::kX86) {
      static constexpr uint8_t kModRm[] = {0x3d, 0x35, 0x15};
      Byte(0x48).Byte(0x8d).Byte(kModRm[index]);
    }
    fixups_.push_back({code_.size(), index});
    return Word(0);
  }
  // The call with this number on x86-64, or that on arm64.
  TinyProgram& Call(uint16_t x86, uint16_t arm64) {
    if (arch_ == engine::Arch::kX86) {
      return Byte(0xb8).Word(x86).Byte(0x0f).Byte(0x05);
    }
    return Word(0xd2800008u | uint32_t{arm64} << 5).Word(0xd4000001);
  }
  TinyProgram& Exit(uint16_t status) { return Arg(0, status).Call(60, 93); }
  TinyProgram& Write(uint16_t length) {
    return Arg(0, 1).ArgText(1).Arg(2, length).Call(1, 64);
  }
  // Exits with the low byte of the last call's result, negated: its errno.
  TinyProgram& ExitWithErrno() {
    if (arch_ == engine::Arch::kX86) {
      Byte(0xf7).Byte(0xd8).Byte(0x89).Byte(0xc7);  // neg eax; mov edi, eax
    } else {
      Word(0xcb0003e0);  // neg x0, x0
    }
    return Call(60, 93);
  }
  // Goes round for ever: with the same registers each time, or counting.
  TinyProgram& Spin() {
    // jmp .; b .
    return arch_ == engine::Arch::kX86 ? Byte(0xeb).Byte(0xfe)
                                       : Word(0x14000000);
  }
  TinyProgram& CountForEver() {
    if (arch_ == engine::Arch::kX86) {
      return Byte(0x48).Byte(0xff).Byte(0xc0).Byte(0xeb).Byte(0xfb);
    }
    return Word(0x91000400).Word(0x17ffffff);  // add x0, x0, #1; b .-4
  }
  // Reads address 0.
  TinyProgram& Crash() {
    if (arch_ == engine::Arch::kX86) {
      // xor eax, eax; mov al, [rax]
      return Byte(0x31).Byte(0xc0).Byte(0x8a).Byte(0x00);
    }
    return Word(0xd2800000).Word(0xf9400000);  // mov x0, #0; ldr x0, [x0]
  }

  std::string Build(const std::string& text = "") const {
    constexpr uint64_t kBase = 0x400000;
    constexpr size_t kStart = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
    std::string code = code_;
    for (const Fixup& f : fixups_) {
      const uint32_t distance = uint32_t(code.size() - f.at);
      uint32_t word = distance - 4;  // x86: from the end of the instruction
      if (arch_ == engine::Arch::kArm64) {  // adr
        word = 0x10000000u | (distance & 3) << 29 | distance >> 2 << 5 |
               uint32_t(f.index);
      }
      std::memcpy(code.data() + f.at, &word, sizeof word);
    }
    Elf64_Ehdr h{};
    std::memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = ELFDATA2LSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    h.e_type = ET_EXEC;
    h.e_machine = arch_ == engine::Arch::kX86 ? EM_X86_64 : EM_AARCH64;
    h.e_version = EV_CURRENT;
    h.e_entry = kBase + kStart;
    h.e_phoff = sizeof h;
    h.e_ehsize = sizeof h;
    h.e_phentsize = sizeof(Elf64_Phdr);
    h.e_phnum = 1;
    Elf64_Phdr p{};
    p.p_type = PT_LOAD;
    p.p_flags = PF_R | PF_X;
    p.p_vaddr = kBase;
    p.p_filesz = p.p_memsz = kStart + code.size() + text.size();
    p.p_align = 0x1000;
    std::string out(kStart, '\0');
    std::memcpy(out.data(), &h, sizeof h);
    std::memcpy(out.data() + sizeof h, &p, sizeof p);
    return out + code + text;
  }

 private:
  struct Fixup {
    size_t at;
    int index;
  };
  TinyProgram& Byte(uint8_t b) {
    code_ += char(b);
    return *this;
  }
  TinyProgram& Word(uint32_t w) {
    code_.append(reinterpret_cast<const char*>(&w), sizeof w);
    return *this;
  }

  engine::Arch arch_;
  std::string code_;
  std::vector<Fixup> fixups_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_TESTS_PLUGIN_LINUX_TINY_PROGRAM_H_
