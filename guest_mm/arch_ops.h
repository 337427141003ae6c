#ifndef FAULTLINE_GUEST_MM_ARCH_OPS_H_
#define FAULTLINE_GUEST_MM_ARCH_OPS_H_

// ArchOps: all that the memory manager asks of an architecture, readable as
// the specification for a third one. Both live in one binary and are chosen at
// run time. An implementation is stateless and const.
//
// Shape first (data: how many levels, how wide, where user space ends, which
// rules a fault follows), then the entry codec (code: what the bits of one
// 64-bit word mean). The walk itself is guest_mm's and the same for all.

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "guest_mm/base/access.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/fault/fault_policy.h"
#include "guest_mm/pgtable/entry.h"

namespace faultline::mm {

// One level of the page table. Level 0 holds the base pages' entries.
struct PagingLevel {
  std::string_view name;  // "pte", "pmd", "pud", "p4d", "pgd"
  uint8_t shift;          // log2 of the bytes one entry covers
  uint8_t bits;           // log2 of the entries in one table
  bool can_map_page;      // a huge page may be mapped at this level
};

struct PagingGeometry {
  PageShift page_shift{12};
  // levels[0] is the pte level; levels.back() is the root.
  absl::Span<const PagingLevel> levels;
  // The kernel keeps a soft-dirty bit in entries and shows "sd" in smaps
  // (CONFIG_MEM_SOFT_DIRTY; Debian: x86 only).
  bool soft_dirty = false;
  // Mappings may be tagged: PROT_MTE (arm64's Memory Tagging Extension).
  bool memory_tags = false;

  // Where transparent huge pages are mapped: one level above base pages
  // (Linux: the PMD; 2 MiB of 4 KiB pages, 32 MiB of 16, 512 MiB of 64).
  static constexpr int kHugeLevel = 1;
  constexpr uint64_t HugeBytes() const { return EntryBytes(kHugeLevel); }
  constexpr int HugeOrder() const {
    return levels[kHugeLevel].shift - page_shift.value();
  }
  constexpr uint64_t HugePages() const { return uint64_t{1} << HugeOrder(); }

  constexpr int root() const { return int(levels.size()) - 1; }
  constexpr uint64_t Index(int level, GuestAddr a) const {
    const PagingLevel& l = levels[size_t(level)];
    return (a.value() >> l.shift) & ((uint64_t{1} << l.bits) - 1);
  }
  constexpr uint64_t EntryBytes(int level) const {
    return uint64_t{1} << levels[size_t(level)].shift;
  }
};

// Where user space lies. All ends are exclusive.
struct AddressLayout {
  GuestAddr user_end;        // TASK_SIZE: the highest user address plus one
  GuestAddr mmap_end;        // end without an explicit hint above it
  GuestAddr stack_top;       // STACK_TOP before randomisation
  uint64_t pie_base;         // ELF_ET_DYN_BASE
  uint64_t stack_rnd_pages;  // bits of randomness, as masks of pages
  uint64_t mmap_rnd_pages;
  uint64_t brk_rnd_bytes;
  // vm.mmap_min_addr at the start (CONFIG_DEFAULT_MMAP_MIN_ADDR), and what
  // holds however low that is set (CONFIG_LSM_MMAP_MIN_ADDR). As Debian.
  uint64_t mmap_min_addr = 65536;
  uint64_t mmap_min_floor = 65536;
};

class ArchOps {
 public:
  virtual ~ArchOps() = default;

  // "x86_64", "aarch64": what uname -m says.
  virtual std::string_view name() const = 0;
  virtual const PagingGeometry& geometry() const = 0;
  virtual const AddressLayout& layout() const = 0;
  virtual const FaultPolicy& fault_policy() const = 0;

  // The entry in `raw` at `level`. Every 64-bit value decodes to something;
  // Decode(Encode(e)) == e for every e that Encode accepts.
  virtual Entry Decode(int level, uint64_t raw) const = 0;
  // The word for `e` at `level`. Entry::None() is 0 in every architecture.
  virtual uint64_t Encode(int level, const Entry& e) const = 0;

  // The flags of a fresh page mapped with `prot`: user, exec, and write if
  // `prot` has it. Hardware that cannot express a combination widens it here
  // (x86: W implies R), as protection_map[] does in Linux.
  virtual EntryFlags PageFlags(Prot prot) const = 0;

  // True if the hardware lets `access` through a present entry with `flags`
  // at `mode`. (The accessed and dirty bits are not looked at.)
  virtual bool Permits(EntryFlags flags, Access access, Mode mode) const = 0;

  // Drops what the hardware ignores from a user pointer (arm64: the top byte).
  virtual GuestAddr Untag(GuestAddr a) const = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_ARCH_OPS_H_
