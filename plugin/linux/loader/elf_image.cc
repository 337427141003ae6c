#include "plugin/linux/loader/elf_image.h"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "absl/strings/str_format.h"
#include "plugin/linux/loader/load_error.h"

namespace faultline::os {
namespace {

// Linux: load_elf_phdrs(), the table must fit in 64 KiB; PATH_MAX.
constexpr size_t kMaxProgramHeaderBytes = 65536;
constexpr size_t kMaxInterpreter = 4096;

absl::Status NoExec(std::string why) {
  return LoadError(Errno::kENOEXEC, std::move(why));
}

template <typename T>
bool ReadExactly(const ByteSource& file, uint64_t offset, T* to,
                 size_t count = 1) {
  const size_t bytes = sizeof(T) * count;
  auto n = file.Read(offset,
                     absl::MakeSpan(reinterpret_cast<std::byte*>(to), bytes));
  return n.ok() && *n == bytes;
}

std::string MachineName(uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "arm64";
    case EM_386:
      return "i386";
    case EM_ARM:
      return "32-bit arm";
    case EM_RISCV:
      return "risc-v";
    default:
      return absl::StrFormat("unknown (e_machine %d)", machine);
  }
}

absl::Status CheckHeader(const Elf64_Ehdr& h, const ElfDemands& demands) {
  if (h.e_ident[EI_CLASS] == ELFCLASS32) {
    return NoExec("a 32-bit program; only 64-bit ones run here");
  }
  if (h.e_ident[EI_CLASS] != ELFCLASS64) {
    return NoExec(absl::StrFormat("bad ELF class %d", h.e_ident[EI_CLASS]));
  }
  if (h.e_ident[EI_DATA] != ELFDATA2LSB) {
    return NoExec("not a little-endian program");
  }
  if (h.e_machine != demands.machine) {
    return NoExec(absl::StrFormat("built for %s, the machine is %s",
                                  MachineName(h.e_machine),
                                  MachineName(demands.machine)));
  }
  if (h.e_type != ET_EXEC && h.e_type != ET_DYN) {
    return NoExec(h.e_type == ET_REL    ? "an object file, not a program"
                  : h.e_type == ET_CORE ? "a core dump, not a program"
                                        : "not a program");
  }
  if (h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phnum == 0 ||
      h.e_phnum * sizeof(Elf64_Phdr) > kMaxProgramHeaderBytes) {
    return NoExec("bad program header table");
  }
  return absl::OkStatus();
}

// Everything one PT_LOAD can get wrong by itself.
absl::Status CheckSegment(const Elf64_Phdr& p, int index, uint64_t file_size,
                          const ElfDemands& demands) {
  const auto bad = [index](Errno error, std::string_view why) {
    return LoadError(error, absl::StrFormat("segment %d %s", index, why));
  };
  if (p.p_filesz > p.p_memsz) {
    return bad(Errno::kEINVAL, "has more bytes in the file than in memory");
  }
  if (p.p_memsz > demands.user_end || p.p_vaddr > demands.user_end ||
      p.p_vaddr + p.p_memsz > demands.user_end) {
    return bad(Errno::kENOMEM, "reaches beyond user space");
  }
  // Where nothing is read, the offset may be anything: linkers point .bss past
  // the end.
  if (p.p_filesz != 0 &&
      (p.p_offset > file_size || p.p_filesz > file_size - p.p_offset)) {
    return bad(Errno::kENOEXEC, "lies beyond the end of the file: truncated?");
  }
  if (((p.p_vaddr ^ p.p_offset) & (demands.page_bytes - 1)) != 0) {
    return bad(Errno::kEINVAL,
               "has address and offset that disagree modulo "
               "the page size");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadInterpreter(const ByteSource& file,
                                            const Elf64_Phdr& p) {
  if (p.p_filesz < 2 || p.p_filesz > kMaxInterpreter) {
    return NoExec("bad interpreter name");
  }
  std::string name(p.p_filesz, '\0');
  if (!ReadExactly(file, p.p_offset, name.data(), name.size())) {
    return NoExec("truncated: the interpreter's name is beyond the end");
  }
  if (name.back() != '\0') {
    return NoExec("bad interpreter name");
  }
  name.resize(std::strlen(name.c_str()));
  return name;
}

absl::Status CheckTogether(ElfImage& image) {
  if (image.segments.empty()) {
    return LoadError(Errno::kEINVAL, "has nothing to load");
  }
  std::sort(image.segments.begin(), image.segments.end(),
            [](const ElfSegment& a, const ElfSegment& b) {
              return a.vaddr < b.vaddr;
            });
  for (size_t i = 1; i < image.segments.size(); ++i) {
    if (image.segments[i].vaddr < image.segments[i - 1].memory_end()) {
      return LoadError(
          Errno::kEINVAL,
          absl::StrFormat("segments overlap at 0x%x", image.segments[i].vaddr));
    }
  }
  return absl::OkStatus();
}

// Linux takes AT_PHDR from PT_PHDR, or from the segment that holds the table.
uint64_t FindProgramHeaders(const Elf64_Ehdr& header,
                            const std::vector<Elf64_Phdr>& table) {
  for (const Elf64_Phdr& p : table) {
    if (p.p_type == PT_PHDR) {
      return p.p_vaddr;
    }
  }
  for (const Elf64_Phdr& p : table) {
    if (p.p_type == PT_LOAD && p.p_offset <= header.e_phoff &&
        header.e_phoff - p.p_offset < p.p_filesz) {
      return header.e_phoff - p.p_offset + p.p_vaddr;
    }
  }
  return 0;
}

ElfSegment ToSegment(const Elf64_Phdr& p) {
  const unsigned prot = ((p.p_flags & PF_R) != 0 ? 1u : 0u) |
                        ((p.p_flags & PF_W) != 0 ? 2u : 0u) |
                        ((p.p_flags & PF_X) != 0 ? 4u : 0u);
  return {p.p_vaddr, p.p_offset, p.p_filesz, p.p_memsz, mm::Prot(prot)};
}

absl::Status AddHeader(const ByteSource& file, const Elf64_Phdr& p, int index,
                       const ElfDemands& demands, ElfImage& image) {
  if (p.p_type == PT_GNU_STACK) {
    image.executable_stack = (p.p_flags & PF_X) != 0;
  } else if (p.p_type == PT_INTERP && image.interpreter.empty()) {
    auto name = ReadInterpreter(file, p);
    if (!name.ok()) {
      return name.status();
    }
    image.interpreter = *std::move(name);
  } else if (p.p_type == PT_LOAD) {
    if (absl::Status s = CheckSegment(p, index, file.size(), demands);
        !s.ok()) {
      return s;
    }
    if (p.p_memsz != 0) {
      image.segments.push_back(ToSegment(p));
      if (std::has_single_bit(p.p_align)) {
        image.align = std::max<uint64_t>(image.align, p.p_align);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ElfImage> ParseElf(const ByteSource& file,
                                  const ElfDemands& demands) {
  Elf64_Ehdr header;
  std::memset(&header, 0, sizeof header);
  auto got = file.Read(
      0, absl::MakeSpan(reinterpret_cast<std::byte*>(&header), sizeof header));
  if (!got.ok()) {
    return LoadError(got.error(), "cannot be read");
  }
  if (*got < SELFMAG || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return NoExec("not an ELF file");
  }
  if (*got < sizeof header && header.e_ident[EI_CLASS] != ELFCLASS32) {
    return NoExec("truncated: no room for the ELF header");
  }
  if (absl::Status s = CheckHeader(header, demands); !s.ok()) {
    return s;
  }
  std::vector<Elf64_Phdr> table(header.e_phnum);
  if (!ReadExactly(file, header.e_phoff, table.data(), table.size())) {
    return NoExec("truncated: the program headers are beyond the end");
  }
  ElfImage image;
  image.position_independent = header.e_type == ET_DYN;
  image.entry = header.e_entry;
  image.program_header_count = header.e_phnum;
  image.program_headers = FindProgramHeaders(header, table);
  for (size_t i = 0; i < table.size(); ++i) {
    if (absl::Status s = AddHeader(file, table[i], int(i), demands, image);
        !s.ok()) {
      return s;
    }
  }
  if (absl::Status s = CheckTogether(image); !s.ok()) {
    return s;
  }
  return image;
}

}  // namespace faultline::os
