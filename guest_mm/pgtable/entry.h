#ifndef FAULTLINE_GUEST_MM_PGTABLE_ENTRY_H_
#define FAULTLINE_GUEST_MM_PGTABLE_ENTRY_H_

// Entry: one page-table entry, decoded. What guest memory holds is the
// architecture's 64-bit word; ArchOps::Decode and Encode are the only places
// that know its bits. Everything else in guest_mm speaks Entry.

#include <cstdint>
#include <string>

#include "guest_mm/base/addr.h"

namespace faultline::mm {

enum class EntryKind : uint8_t {
  kNone,       // the all-zero word
  kTable,      // points to a table of the next level
  kPage,       // maps a page, or a huge page above level 0
  kSwap,       // payload: swap slot
  kMigration,  // payload: pfn being moved
  kHwPoison,   // payload: poisoned pfn
  kMarker,     // payload: marker bits (uffd-wp, poison, guard)
};

// Flags of a kPage entry; kSwap and kMigration keep some of them as soft bits.
enum class EntryFlag : uint16_t {
  kWrite = 1 << 0,      // stores allowed (pte_write)
  kUser = 1 << 1,       // user mode allowed
  kExec = 1 << 2,       // fetches allowed
  kYoung = 1 << 3,      // accessed
  kDirty = 1 << 4,      // written, by hardware or software
  kSoftDirty = 1 << 5,  // written since clear_refs
  kUffdWp = 1 << 6,     // write-protected by userfaultfd
  kProtNone = 1 << 7,   // present to the kernel, no access for anyone
  kSpecial = 1 << 8,    // no frame behind it to count (the shared zero page)
  kExclusive = 1 << 9,  // swap: the anonymous page was exclusive
  kMte = 1 << 10,       // arm64: tagged memory attribute
};

// Payload bits of a kMarker (include/linux/swapops.h PTE_MARKER_*).
inline constexpr uint64_t kMarkerUffdWp = 1;  // write-protected while absent
inline constexpr uint64_t kMarkerPoison = 2;  // an access is a memory error
inline constexpr uint64_t kMarkerGuard = 4;   // an access is a segfault

class EntryFlags {
 public:
  constexpr EntryFlags() = default;
  constexpr EntryFlags(EntryFlag f)  // NOLINT: a flag is a set of one
      : bits_(static_cast<uint16_t>(f)) {}
  constexpr bool has(EntryFlag f) const {
    return (bits_ & static_cast<uint16_t>(f)) != 0;
  }
  constexpr EntryFlags with(EntryFlag f) const {
    return EntryFlags(uint16_t(bits_ | static_cast<uint16_t>(f)));
  }
  constexpr EntryFlags without(EntryFlag f) const {
    return EntryFlags(uint16_t(bits_ & ~static_cast<uint16_t>(f)));
  }
  constexpr EntryFlags set(EntryFlag f, bool on) const {
    return on ? with(f) : without(f);
  }
  constexpr uint16_t bits() const { return bits_; }
  friend constexpr EntryFlags operator|(EntryFlags a, EntryFlags b) {
    return EntryFlags(uint16_t(a.bits_ | b.bits_));
  }
  // Those of `a` that are in `b`: what is kept of an entry that is replaced.
  friend constexpr EntryFlags operator&(EntryFlags a, EntryFlags b) {
    return EntryFlags(uint16_t(a.bits_ & b.bits_));
  }
  friend constexpr bool operator==(EntryFlags, EntryFlags) = default;

 private:
  explicit constexpr EntryFlags(uint16_t bits) : bits_(bits) {}
  uint16_t bits_ = 0;
};
constexpr EntryFlags operator|(EntryFlag a, EntryFlag b) {
  return EntryFlags(a) | EntryFlags(b);
}

struct Entry {
  EntryKind kind = EntryKind::kNone;
  EntryFlags flags;
  uint64_t payload = 0;  // pfn of kTable/kPage, else as the kind says

  static constexpr Entry None() { return {}; }
  static constexpr Entry Table(Pfn pfn) {
    return {EntryKind::kTable, {}, pfn.value()};
  }
  static constexpr Entry Page(Pfn pfn, EntryFlags flags) {
    return {EntryKind::kPage, flags, pfn.value()};
  }
  static constexpr Entry Swap(SwapSlot slot, EntryFlags flags) {
    return {EntryKind::kSwap, flags, slot.value()};
  }
  static constexpr Entry Marker(uint64_t bits) {
    return {EntryKind::kMarker, {}, bits};
  }
  constexpr bool none() const { return kind == EntryKind::kNone; }
  constexpr bool is_table() const { return kind == EntryKind::kTable; }
  // Absent but not empty: swap, migration, poison, marker (is_swap_pte()).
  constexpr bool swap_like() const { return kind >= EntryKind::kSwap; }
  constexpr bool swap() const { return kind == EntryKind::kSwap; }
  // pte_present(): maps a page, accessible or PROT_NONE.
  constexpr bool present() const { return kind == EntryKind::kPage; }
  constexpr Pfn pfn() const { return Pfn(payload); }
  constexpr SwapSlot slot() const { return SwapSlot(payload); }
  constexpr bool write() const { return flags.has(EntryFlag::kWrite); }
  constexpr bool young() const { return flags.has(EntryFlag::kYoung); }
  constexpr bool dirty() const { return flags.has(EntryFlag::kDirty); }
  constexpr bool special() const { return flags.has(EntryFlag::kSpecial); }
  constexpr bool prot_none() const { return flags.has(EntryFlag::kProtNone); }
  constexpr bool marker(uint64_t bit) const {
    return kind == EntryKind::kMarker && (payload & bit) != 0;
  }
  // A page with a frame of ours behind it, which counts this entry.
  constexpr bool counted() const { return present() && !special(); }
  friend constexpr bool operator==(const Entry&, const Entry&) = default;
};

// "page pfn:0x12 uwxAD", "table pfn:0x3", "none".
std::string ToString(const Entry& e);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_ENTRY_H_
