#include "arch_x86/entry_format.h"

#include "guest_mm/base/check.h"

namespace faultline::x86 {
namespace {

using mm::Entry;
using mm::EntryFlag;
using mm::EntryFlags;
using mm::EntryKind;

constexpr int kFrameShift = 12;

struct FlagBit {
  EntryFlag flag;
  uint64_t bit;
};
constexpr FlagBit kPageBits[] = {
    {EntryFlag::kWrite, kReadWrite},
    {EntryFlag::kUser, kUserSupervisor},
    {EntryFlag::kYoung, kAccessed},
    {EntryFlag::kDirty, kDirty},
    {EntryFlag::kSpecial, kSoftSpecial},
    {EntryFlag::kUffdWp, kSoftUffdWp},
    {EntryFlag::kSoftDirty, kSoftSoftDirty},
};
// Absent entries.
constexpr FlagBit kAbsentBits[] = {
    {EntryFlag::kWrite, 1ull << 1},  {EntryFlag::kSoftDirty, 1ull << 2},
    {EntryFlag::kUffdWp, 1ull << 3}, {EntryFlag::kExclusive, 1ull << 4},
    {EntryFlag::kYoung, 1ull << 5},  {EntryFlag::kDirty, 1ull << 6},
};
constexpr int kKindShift = 9;
constexpr int kPayloadShift = 12;

constexpr uint64_t KindNumber(EntryKind kind) {
  return uint64_t(kind) - uint64_t(EntryKind::kSwap) + 1;
}

template <size_t n>
uint64_t ToBits(EntryFlags flags, const FlagBit (&map)[n]) {
  uint64_t raw = 0;
  for (const FlagBit& m : map) {
    raw |= flags.has(m.flag) ? m.bit : 0;
  }
  return raw;
}

template <size_t n>
EntryFlags FromBits(uint64_t raw, const FlagBit (&map)[n]) {
  EntryFlags flags;
  for (const FlagBit& m : map) {
    flags = flags.set(m.flag, (raw & m.bit) != 0);
  }
  return flags;
}

uint64_t EncodePage(int level, const Entry& e) {
  FL_DCHECK(!e.flags.has(EntryFlag::kMte));
  FL_DCHECK(!e.flags.has(EntryFlag::kExclusive));
  uint64_t raw = ToBits(e.flags, kPageBits) | e.payload << kFrameShift;
  raw |= e.flags.has(EntryFlag::kProtNone) ? kGlobal : kPresent;
  raw |= e.flags.has(EntryFlag::kExec) ? 0 : kNoExecute;
  return raw | (level > 0 ? kPageSize : 0);
}

Entry DecodePage(uint64_t raw) {
  EntryFlags flags = FromBits(raw, kPageBits);
  flags = flags.set(EntryFlag::kExec, (raw & kNoExecute) == 0);
  flags = flags.set(EntryFlag::kProtNone, (raw & kPresent) == 0);
  return Entry::Page(mm::Pfn((raw & kFrameMask) >> kFrameShift), flags);
}

Entry DecodeAbsent(uint64_t raw) {
  const uint64_t number = raw >> kKindShift & 7;
  if (number < 1 || number > KindNumber(EntryKind::kMarker)) {
    return Entry::Marker(mm::kMarkerPoison);
  }
  return {EntryKind(uint64_t(EntryKind::kSwap) + number - 1),
          FromBits(raw, kAbsentBits), raw >> kPayloadShift};
}

}  // namespace

uint64_t EncodeEntry(int level, const Entry& e) {
  switch (e.kind) {
    case EntryKind::kNone:
      return 0;
    case EntryKind::kTable:
      FL_DCHECK(level > 0);
      // Rights are ANDed over the levels: leave the decision to the leaf.
      return e.payload << kFrameShift | kPresent | kReadWrite |
             kUserSupervisor | kAccessed | kDirty;
    case EntryKind::kPage:
      return EncodePage(level, e);
    case EntryKind::kSwap:
    case EntryKind::kMigration:
    case EntryKind::kHwPoison:
    case EntryKind::kMarker:
      return e.payload << kPayloadShift | KindNumber(e.kind) << kKindShift |
             ToBits(e.flags, kAbsentBits);
  }
  return 0;
}

Entry DecodeEntry(int level, bool can_map_page, uint64_t raw) {
  if (raw == 0) {
    return Entry::None();
  }
  if ((raw & (kPresent | kGlobal)) == 0) {
    return DecodeAbsent(raw);
  }
  if (level == 0) {
    return DecodePage(raw);
  }
  if ((raw & kPageSize) != 0) {
    return can_map_page ? DecodePage(raw) : Entry::Marker(mm::kMarkerPoison);
  }
  if ((raw & kPresent) != 0) {
    return Entry::Table(mm::Pfn((raw & kFrameMask) >> kFrameShift));
  }
  return Entry::Marker(mm::kMarkerPoison);
}

}  // namespace faultline::x86
