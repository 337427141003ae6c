#ifndef FAULTLINE_ARCH_ARM64_ENTRY_FORMAT_H_
#define FAULTLINE_ARCH_ARM64_ENTRY_FORMAT_H_

// The 64-bit stage 1 descriptor of arm64 (Arm ARM, "VMSAv8-64 translation
// table format descriptors").
//
//   63     59 58 57 56 55 54  53  52 51  50  48 47        12 11 10 9 8 7  6
//   ignored   UW SD SP DS UXN PXN C  DBM 0      frame        nG AF SH  AP[2:1]
//             |  |  |  |  |   |      |                       |  |      |  |
//     soft: uffd-wp | |   |   |      |                       |  |      |  |
//     soft: soft-dirty|   |   |      |                       |  |      |  |
//     soft: special --+   |   |      |                       |  |      |  |
//     soft: dirty ----(DS)+   |      |                       |  |      |  |
//     user, kernel execute never --->+                       |  |      |  |
//     stores allowed; hardware marks dirty ------------------|--|------|  |
//     user page; in an invalid entry: PROT_NONE -------------+  |      |  |
//     accessed, set by hardware --------------------------------+      |  |
//     read-only -------------------------------------------------------+  |
//     user mode allowed --------------------------------------------------+
//
//   5  4      2 1 0
//   NS AttrIndx T V     AttrIndx 0: normal memory, 1: normal with tags
//               | |
//               | valid
//               table (above the pte level) or page; 0: block (huge page)
//
// Dirty state is the hardware's (FEAT_HAFDBS): a store to DBM|AP[2] clears
// AP[2]. So
//
//   DBM AP[2] DS    writable, dirty
//    1    1   0     yes, clean          1  0  -   yes, dirty
//    0    1   0     no,  clean          0  1  1   no,  dirty
//
// PROT_NONE pages keep their word, with V clear and bit 11 set. Other invalid
// entries (V and bit 11 clear, word not zero) are ours to define:
//
//   63                            12 11 10   8 7 6 5 4  3  2  1 0
//   payload: slot, frame or marker   0   kind  D A X UW SD W  0 0
//
// with kind 1 swap, 2 migration, 3 hwpoison, 4 marker; X: exclusive.

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/pgtable/entry.h"

namespace faultline::arm64 {

inline constexpr uint64_t kValid = 1ull << 0;
inline constexpr uint64_t kTableOrPage = 1ull << 1;
inline constexpr uint64_t kAttrTagged = 1ull << 2;  // AttrIndx = 1
inline constexpr uint64_t kAttrMask = 7ull << 2;
inline constexpr uint64_t kApUser = 1ull << 6;      // AP[1]
inline constexpr uint64_t kApReadOnly = 1ull << 7;  // AP[2]
inline constexpr uint64_t kInnerShareable = 3ull << 8;
inline constexpr uint64_t kAccessFlag = 1ull << 10;
inline constexpr uint64_t kNotGlobal = 1ull << 11;
inline constexpr uint64_t kProtNone = 1ull << 11;  // when not valid
inline constexpr uint64_t kFrameEnd = 1ull << 48;
inline constexpr uint64_t kDbm = 1ull << 51;
inline constexpr uint64_t kPxn = 1ull << 53;
inline constexpr uint64_t kUxn = 1ull << 54;
inline constexpr uint64_t kSoftDirtied = 1ull << 55;
inline constexpr uint64_t kSoftSpecial = 1ull << 56;
inline constexpr uint64_t kSoftSoftDirty = 1ull << 57;
inline constexpr uint64_t kSoftUffdWp = 1ull << 58;

// What differs between the granules.
struct EntryFormat {
  mm::PageShift page_shift;
  // FEAT_LPA2: bits 9:8 are output address, shareability is in TCR_EL1.
  bool lpa2 = false;
};

// The word of `e` at `level`. Precondition: the hardware can express it: a
// table only above level 0, no kExclusive in a page entry.
uint64_t EncodeEntry(const EntryFormat& format, int level, const mm::Entry& e);

// Any word at `level`, of which `can_map_page` says whether the hardware knows
// blocks there. A word that no EncodeEntry() made is a poison marker.
mm::Entry DecodeEntry(const EntryFormat& format, int level, bool can_map_page,
                      uint64_t raw);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_ENTRY_FORMAT_H_
