#include "arch_arm64/entry_format.h"

#include "guest_mm/base/check.h"

namespace faultline::arm64 {
namespace {

using mm::Entry;
using mm::EntryFlag;
using mm::EntryFlags;
using mm::EntryKind;

struct FlagBit {
  EntryFlag flag;
  uint64_t bit;
};
// Those of a page that are one bit each; write, dirty and exec are not.
constexpr FlagBit kPageBits[] = {
    {EntryFlag::kUser, kApUser},
    {EntryFlag::kYoung, kAccessFlag},
    {EntryFlag::kSpecial, kSoftSpecial},
    {EntryFlag::kUffdWp, kSoftUffdWp},
    {EntryFlag::kSoftDirty, kSoftSoftDirty},
    {EntryFlag::kMte, kAttrTagged},
};
// Invalid entries.
constexpr FlagBit kAbsentBits[] = {
    {EntryFlag::kWrite, 1ull << 2},  {EntryFlag::kSoftDirty, 1ull << 3},
    {EntryFlag::kUffdWp, 1ull << 4}, {EntryFlag::kExclusive, 1ull << 5},
    {EntryFlag::kYoung, 1ull << 6},  {EntryFlag::kDirty, 1ull << 7},
};
constexpr int kKindShift = 8;
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

// The two rows of the table in the header.
uint64_t WriteAndDirty(EntryFlags flags) {
  const bool dirty = flags.has(EntryFlag::kDirty);
  if (flags.has(EntryFlag::kWrite)) {
    return kDbm | (dirty ? 0 : kApReadOnly);
  }
  return kApReadOnly | (dirty ? kSoftDirtied : 0);
}

uint64_t EncodePage(const EntryFormat& format, int level, const Entry& e) {
  FL_DCHECK(!e.flags.has(EntryFlag::kExclusive));
  const bool user = e.flags.has(EntryFlag::kUser);
  const bool exec = e.flags.has(EntryFlag::kExec);
  uint64_t raw = ToBits(e.flags, kPageBits) | WriteAndDirty(e.flags) |
                 e.payload << format.page_shift.value();
  raw |= user || !exec ? kPxn : 0;
  raw |= user && exec ? 0 : kUxn;
  raw |= level == 0 ? kTableOrPage : 0;
  raw |= format.lpa2 ? 0 : kInnerShareable;
  if (e.flags.has(EntryFlag::kProtNone)) {
    return raw | kProtNone;
  }
  return raw | kValid | (user ? kNotGlobal : 0);
}

mm::Pfn FrameOf(const EntryFormat& format, uint64_t raw) {
  return mm::Pfn((raw & (kFrameEnd - 1)) >> format.page_shift.value());
}

Entry DecodePage(const EntryFormat& format, uint64_t raw) {
  EntryFlags flags = FromBits(raw, kPageBits);
  const bool write = (raw & kDbm) != 0;
  const bool hardware_dirty = write && (raw & kApReadOnly) == 0;
  const uint64_t never = (raw & kApUser) != 0 ? kUxn : kPxn;
  flags =
      flags.set(EntryFlag::kWrite, write)
          .set(EntryFlag::kDirty, hardware_dirty || (raw & kSoftDirtied) != 0)
          .set(EntryFlag::kExec, (raw & never) == 0)
          .set(EntryFlag::kProtNone, (raw & kValid) == 0);
  return Entry::Page(FrameOf(format, raw), flags);
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

uint64_t EncodeEntry(const EntryFormat& format, int level, const Entry& e) {
  switch (e.kind) {
    case EntryKind::kNone:
      return 0;
    case EntryKind::kTable:
      FL_DCHECK(level > 0);
      return e.payload << format.page_shift.value() | kTableOrPage | kValid;
    case EntryKind::kPage:
      return EncodePage(format, level, e);
    case EntryKind::kSwap:
    case EntryKind::kMigration:
    case EntryKind::kHwPoison:
    case EntryKind::kMarker:
      return e.payload << kPayloadShift | KindNumber(e.kind) << kKindShift |
             ToBits(e.flags, kAbsentBits);
  }
  return 0;
}

Entry DecodeEntry(const EntryFormat& format, int level, bool can_map_page,
                  uint64_t raw) {
  if (raw == 0) {
    return Entry::None();
  }
  const bool valid = (raw & kValid) != 0;
  if (!valid && (raw & kProtNone) == 0) {
    return DecodeAbsent(raw);
  }
  const bool table_or_page = (raw & kTableOrPage) != 0;
  if (level == 0 ? table_or_page : !table_or_page && can_map_page) {
    return DecodePage(format, raw);
  }
  if (level > 0 && table_or_page && valid) {
    return Entry::Table(FrameOf(format, raw));
  }
  return Entry::Marker(mm::kMarkerPoison);
}

}  // namespace faultline::arm64
