#ifndef FAULTLINE_TESTS_PLUGIN_LINUX_LOADER_ELF_BYTES_H_
#define FAULTLINE_TESTS_PLUGIN_LINUX_LOADER_ELF_BYTES_H_

// ELF files made by hand, for tests and fuzzers.

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "plugin/linux/loader/elf_image.h"

namespace faultline::os {

// A file that is just these bytes.
class StringSource : public ByteSource {
 public:
  explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}
  uint64_t size() const override { return bytes_.size(); }
  ErrnoOr<uint64_t> Read(uint64_t offset,
                         absl::Span<std::byte> to) const override {
    if (offset >= bytes_.size()) {
      return uint64_t{0};
    }
    const size_t n = std::min(to.size(), bytes_.size() - offset);
    std::memcpy(to.data(), bytes_.data() + offset, n);
    return uint64_t{n};
  }

 private:
  std::string bytes_;
};

// An executable with these program headers, right behind the file header, and
// `rest` behind those.
inline std::string ElfFile(uint16_t machine, uint64_t entry,
                           const std::vector<Elf64_Phdr>& headers,
                           const std::string& rest = "") {
  Elf64_Ehdr h = {};
  std::memcpy(h.e_ident, ELFMAG, SELFMAG);
  h.e_ident[EI_CLASS] = ELFCLASS64;
  h.e_ident[EI_DATA] = ELFDATA2LSB;
  h.e_ident[EI_VERSION] = EV_CURRENT;
  h.e_type = ET_EXEC;
  h.e_machine = machine;
  h.e_version = EV_CURRENT;
  h.e_entry = entry;
  h.e_phoff = sizeof h;
  h.e_ehsize = sizeof h;
  h.e_phentsize = sizeof(Elf64_Phdr);
  h.e_phnum = static_cast<uint16_t>(headers.size());
  std::string file(reinterpret_cast<const char*>(&h), sizeof h);
  file.append(reinterpret_cast<const char*>(headers.data()),
              headers.size() * sizeof(Elf64_Phdr));
  return file + rest;
}

inline Elf64_Phdr LoadSegment(uint32_t flags, uint64_t offset, uint64_t vaddr,
                              uint64_t file_size, uint64_t memory_size) {
  Elf64_Phdr p = {};
  p.p_type = PT_LOAD;
  p.p_flags = flags;
  p.p_offset = offset;
  p.p_vaddr = vaddr;
  p.p_paddr = vaddr;
  p.p_filesz = file_size;
  p.p_memsz = memory_size;
  p.p_align = 4096;
  return p;
}

}  // namespace faultline::os

#endif  // FAULTLINE_TESTS_PLUGIN_LINUX_LOADER_ELF_BYTES_H_
