#ifndef FAULTLINE_PLUGIN_LINUX_LOADER_ELF_IMAGE_H_
#define FAULTLINE_PLUGIN_LINUX_LOADER_ELF_IMAGE_H_

// ElfImage: what a program's ELF headers say, checked. Everything that could
// make loading fail half-way because of the file is found here, before any
// address space is touched. Linux: fs/binfmt_elf.c, where the checks are
// spread over load_elf_binary() and elf_load().
//
// Format: System V ABI, "ELF Header" and "Program Header".

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "guest_mm/base/access.h"
#include "guest_mm/base/errno.h"

namespace faultline::os {

// Reads `to.size()` bytes at `offset`; returns how many there are. The file's
// page cache, or plain memory in tests and fuzzers.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual uint64_t size() const = 0;
  virtual ErrnoOr<uint64_t> Read(uint64_t offset,
                                 absl::Span<std::byte> to) const = 0;
};

struct ElfSegment {
  uint64_t vaddr = 0;  // as linked, before the load bias
  uint64_t offset = 0;
  uint64_t file_size = 0;
  uint64_t memory_size = 0;  // >= file_size; the rest is zeros
  mm::Prot prot;
  uint64_t file_end() const { return vaddr + file_size; }
  uint64_t memory_end() const { return vaddr + memory_size; }
};

struct ElfImage {
  bool position_independent = false;  // ET_DYN
  uint64_t entry = 0;
  uint64_t program_headers = 0;  // their address as linked; 0: not mapped
  uint16_t program_header_count = 0;
  uint64_t align = 0;  // largest PT_LOAD p_align, a power of two
  bool executable_stack = false;
  std::string interpreter;           // PT_INTERP; empty: static
  std::vector<ElfSegment> segments;  // PT_LOAD with memory, by address

  // Page-rounded extent of all segments.
  uint64_t first_page(uint64_t page) const {
    return segments.front().vaddr & ~(page - 1);
  }
  uint64_t end_page(uint64_t page) const {
    return (segments.back().memory_end() + page - 1) & ~(page - 1);
  }
};

// What the machine demands of a file.
struct ElfDemands {
  uint16_t machine = 62;  // e_machine
  uint64_t page_bytes = 4096;
  uint64_t user_end = 0;  // no segment may reach beyond
};

// The image, or a LoadError() that says in one line what is wrong: not an ELF
// file, truncated, 32-bit, another machine's, not a program, segments that
// overlap, wrap around or do not fit.
absl::StatusOr<ElfImage> ParseElf(const ByteSource& file,
                                  const ElfDemands& demands);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_LOADER_ELF_IMAGE_H_
