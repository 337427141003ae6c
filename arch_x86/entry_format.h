#ifndef FAULTLINE_ARCH_X86_ENTRY_FORMAT_H_
#define FAULTLINE_ARCH_X86_ENTRY_FORMAT_H_

// The 64-bit page-table entry of x86-64 (SDM vol. 3, "4-Level Paging and
// 5-Level Paging", figure "Formats of CR3 and Paging-Structure Entries").
//
//   63 62      52 51                          12 11 10 9 8 7 6 5 4 3 2 1 0
//   NX  ignored    page frame number             SD UW SP G PS D A  - - US RW P
//                                                |  |  |  | |  | |     |  |  |
//     software: soft-dirty ----------------------+  |  |  | |  | |     |  |  |
//     software: userfaultfd write-protected --------+  |  | |  | |     |  |  |
//     software: special (no frame to count) -----------+  | |  | |     |  |  |
//     global; in an absent entry: PROT_NONE --------------+ |  | |     |  |  |
//     maps a huge page (above the pte level) ---------------+  | |     |  |  |
//     dirty, accessed: set by hardware ------------------------+-+     |  |  |
//     user mode allowed -----------------------------------------------+  |  |
//     stores allowed -----------------------------------------------------+  |
//     present ---------------------------------------------------------------+
//
// PROT_NONE pages keep their word, with P clear and G set. Other absent
// entries (P and G clear, word not zero) are ours to define:
//
//   63                                        12 11   9 8 7 6 5 4 3 2 1 0
//   payload: slot, frame or marker bits           kind  0 0 D A X UW SD RW 0
//
// with kind 1 swap, 2 migration, 3 hwpoison, 4 marker; X: exclusive.

#include <cstdint>

#include "guest_mm/pgtable/entry.h"

namespace faultline::x86 {

inline constexpr uint64_t kPresent = 1ull << 0;
inline constexpr uint64_t kReadWrite = 1ull << 1;
inline constexpr uint64_t kUserSupervisor = 1ull << 2;
inline constexpr uint64_t kAccessed = 1ull << 5;
inline constexpr uint64_t kDirty = 1ull << 6;
inline constexpr uint64_t kPageSize = 1ull << 7;
inline constexpr uint64_t kGlobal = 1ull << 8;
inline constexpr uint64_t kSoftSpecial = 1ull << 9;
inline constexpr uint64_t kSoftUffdWp = 1ull << 10;
inline constexpr uint64_t kSoftSoftDirty = 1ull << 11;
inline constexpr uint64_t kFrameMask = 0x000ffffffffff000ull;
inline constexpr uint64_t kNoExecute = 1ull << 63;

// The word of `e` at `level`. Precondition: the hardware can express it: a
// table only above level 0, no kMte, no kExclusive in a page entry.
uint64_t EncodeEntry(int level, const mm::Entry& e);

// Any word at `level`, of which `can_map_page` says whether the hardware knows
// huge pages there. A word that no EncodeEntry() made is a poison marker.
mm::Entry DecodeEntry(int level, bool can_map_page, uint64_t raw);

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_ENTRY_FORMAT_H_
