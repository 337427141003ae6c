#include "arch_arm64/entry_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "arch_arm64/arch_ops.h"

namespace faultline::arm64 {
namespace {

using mm::Access;
using mm::Entry;
using mm::EntryFlag;
using mm::EntryFlags;
using mm::EntryKind;
using mm::Mode;
using mm::Pfn;

constexpr Paging kAllPagings[] = {
    Paging::k4K48,  Paging::k4K39,  Paging::k4K52,  Paging::k16K47,
    Paging::k16K48, Paging::k64K42, Paging::k64K48,
};

constexpr EntryFlag kPageFlags[] = {
    EntryFlag::kWrite,  EntryFlag::kUser,     EntryFlag::kExec,
    EntryFlag::kYoung,  EntryFlag::kDirty,    EntryFlag::kSoftDirty,
    EntryFlag::kUffdWp, EntryFlag::kProtNone, EntryFlag::kSpecial,
    EntryFlag::kMte,
};
constexpr EntryFlag kSoftFlags[] = {
    EntryFlag::kWrite,     EntryFlag::kYoung,  EntryFlag::kDirty,
    EntryFlag::kSoftDirty, EntryFlag::kUffdWp, EntryFlag::kExclusive,
};

template <size_t n>
EntryFlags RandomFlags(std::mt19937_64& random, const EntryFlag (&all)[n]) {
  EntryFlags flags;
  const uint64_t bits = random();
  for (size_t i = 0; i < n; ++i) {
    flags = flags.set(all[i], (bits >> i & 1) != 0);
  }
  return flags;
}

Entry RandomEntry(std::mt19937_64& random, int level) {
  const uint64_t frame = random() & ((uint64_t{1} << 32) - 1);
  const uint64_t payload = random() & ((uint64_t{1} << 52) - 1);
  switch (random() % 7) {
    case 0:
      return Entry::None();
    case 1:
      return level > 0 ? Entry::Table(Pfn(frame)) : Entry::None();
    case 2:
      return Entry::Page(Pfn(frame), RandomFlags(random, kPageFlags));
    case 3:
      return {EntryKind::kSwap, RandomFlags(random, kSoftFlags), payload};
    case 4:
      return {EntryKind::kMigration, RandomFlags(random, kSoftFlags), payload};
    case 5:
      return {EntryKind::kHwPoison, {}, payload};
    default:
      return {EntryKind::kMarker, RandomFlags(random, kSoftFlags), payload};
  }
}

TEST(Arm64EntryFormatTest, EveryEntrySurvivesEncodingAndDecoding) {
  std::mt19937_64 random(1);
  for (const Paging paging : kAllPagings) {
    const mm::ArchOps& ops = OpsFor(paging);
    for (int i = 0; i < 30000; ++i) {
      const int level = int(random() % 2);  // those that can map pages
      const Entry e = RandomEntry(random, level);
      const uint64_t raw = ops.Encode(level, e);
      ASSERT_EQ(ops.Decode(level, raw), e) << ToString(e) << std::hex << raw;
      ASSERT_EQ(raw == 0, e.none()) << ToString(e);
    }
  }
}

TEST(Arm64EntryFormatTest, EveryWordDecodesToSomethingEncodable) {
  std::mt19937_64 random(2);
  for (const Paging paging : kAllPagings) {
    const mm::ArchOps& ops = OpsFor(paging);
    for (int i = 0; i < 30000; ++i) {
      const int level = int(random() % ops.geometry().levels.size());
      const Entry e = ops.Decode(level, random() >> random() % 64);
      ASSERT_EQ(ops.Decode(level, ops.Encode(level, e)), e) << ToString(e);
    }
  }
}

TEST(Arm64EntryFormatTest, HardwareBitsAreWhereTheManualHasThem) {
  const EntryFlags rw = Ops().PageFlags(mm::Prot::RW());
  // nG, inner shareable, DBM and AP[2] (clean), AP[1], PXN and UXN.
  EXPECT_EQ(Ops().Encode(0, Entry::Page(Pfn(0x123), rw)), 0x0068000000123bc3u);
  EXPECT_EQ(Ops().Encode(3, Entry::Table(Pfn(7))), 0x7003u);
  EXPECT_EQ(Ops().Encode(1, Entry::Page(Pfn(0x200), rw)) & 3, 1u);
}

TEST(Arm64EntryFormatTest, StoreByHardwareMakesACleanWritableEntryDirty) {
  const EntryFlags rw = Ops().PageFlags(mm::Prot::RW());
  const uint64_t clean = Ops().Encode(0, Entry::Page(Pfn(1), rw));
  EXPECT_EQ(clean & (kDbm | kApReadOnly), kDbm | kApReadOnly);
  EXPECT_FALSE(Ops().Decode(0, clean).dirty());
  EXPECT_TRUE(Ops().Decode(0, clean & ~kApReadOnly).dirty());
}

TEST(Arm64EntryFormatTest, AbsentEntriesAndProtNoneAreNotValidToHardware) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10000; ++i) {
    const Entry e = RandomEntry(random, 0);
    const bool hardware_sees_it = e.present() && !e.prot_none();
    ASSERT_EQ((Ops().Encode(0, e) & kValid) != 0, hardware_sees_it)
        << ToString(e);
  }
}

TEST(Arm64ArchOpsTest, KernelObeysReadOnlyPagesAndNeverExecutesUserPages) {
  const EntryFlags rx = Ops().PageFlags(mm::Prot::RX());
  EXPECT_TRUE(Ops().Permits(rx, Access::kExec, Mode::kUser));
  EXPECT_TRUE(Ops().Permits(rx, Access::kRead, Mode::kKernel));
  EXPECT_FALSE(Ops().Permits(rx, Access::kWrite, Mode::kKernel));
  EXPECT_FALSE(Ops().Permits(rx, Access::kExec, Mode::kKernel));
}

TEST(Arm64ArchOpsTest, UntagDropsTheTopByteOfUserAddressesOnly) {
  EXPECT_EQ(Ops().Untag(mm::GuestAddr(0x5a00ffff00001234)),
            mm::GuestAddr(0x0000ffff00001234));
  EXPECT_EQ(Ops().Untag(mm::GuestAddr(0xf0ff000000001000)),
            mm::GuestAddr(0xf0ff000000001000));
}

TEST(Arm64ArchOpsTest, LevelsCoverTheAddressSpaceWithoutGapOrOverlap) {
  for (const Paging paging : kAllPagings) {
    const mm::PagingGeometry& g = GeometryOf(paging);
    int shift = g.page_shift.value();
    for (const mm::PagingLevel& l : g.levels) {
      EXPECT_EQ(l.shift, shift) << l.name;
      // A table is at most one page.
      EXPECT_LE(l.bits + 3, g.page_shift.value()) << l.name;
      shift += l.bits;
    }
    EXPECT_EQ(uint64_t{1} << shift, OpsFor(paging).layout().user_end.value());
  }
}

TEST(Arm64ArchOpsTest, LayoutIsThatOfLinux) {
  const mm::AddressLayout& l = Ops().layout();
  EXPECT_EQ(l.user_end.value(), 0x1000000000000u);
  EXPECT_EQ(l.pie_base, 0xaaaaaaaaaaaau);
  EXPECT_EQ(l.stack_rnd_pages, 0x3ffffu);
  EXPECT_EQ(OpsFor(Paging::k64K48).layout().stack_rnd_pages, 0x3fffu);
  EXPECT_EQ(OpsFor(Paging::k4K52).layout().mmap_end.value(), 0x1000000000000u);
}

}  // namespace
}  // namespace faultline::arm64
