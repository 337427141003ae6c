#include "arch_x86/entry_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "arch_x86/arch_ops.h"

namespace faultline::x86 {
namespace {

using mm::Access;
using mm::Entry;
using mm::EntryFlag;
using mm::EntryFlags;
using mm::EntryKind;
using mm::Mode;
using mm::Pfn;

constexpr EntryFlag kPageFlags[] = {
    EntryFlag::kWrite,  EntryFlag::kUser,     EntryFlag::kExec,
    EntryFlag::kYoung,  EntryFlag::kDirty,    EntryFlag::kSoftDirty,
    EntryFlag::kUffdWp, EntryFlag::kProtNone, EntryFlag::kSpecial,
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
  const uint64_t frame = random() & ((uint64_t{1} << 40) - 1);
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

TEST(X86EntryFormatTest, EveryEntrySurvivesEncodingAndDecoding) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i) {
    const int level = int(random() % 3);  // those that can map pages
    const Entry e = RandomEntry(random, level);
    const uint64_t raw = Ops().Encode(level, e);
    ASSERT_EQ(Ops().Decode(level, raw), e) << ToString(e) << std::hex << raw;
    ASSERT_EQ(raw == 0, e.none()) << ToString(e);
  }
}

TEST(X86EntryFormatTest, EveryWordDecodesToSomethingEncodable) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200000; ++i) {
    const int level = int(random() % 4);
    const Entry e = Ops().Decode(level, random() >> random() % 64);
    ASSERT_EQ(Ops().Decode(level, Ops().Encode(level, e)), e) << ToString(e);
  }
}

TEST(X86EntryFormatTest, HardwareBitsAreWhereTheManualHasThem) {
  const EntryFlags rw = Ops().PageFlags(mm::Prot::RW());
  EXPECT_EQ(Ops().Encode(0, Entry::Page(Pfn(0x123), rw)), 0x8000000000123007u);
  EXPECT_EQ(
      Ops().Encode(
          0, Entry::Page(Pfn(0x123),
                         rw.with(EntryFlag::kYoung).with(EntryFlag::kDirty))),
      0x8000000000123067u);
  EXPECT_EQ(
      Ops().Encode(0, Entry::Page(Pfn(1), Ops().PageFlags(mm::Prot::RX()))),
      0x1005u);
  EXPECT_EQ(Ops().Encode(1, Entry::Page(Pfn(0x200), rw)), 0x8000000000200087u);
  EXPECT_EQ(Ops().Encode(3, Entry::Table(Pfn(7))), 0x7067u);
}

TEST(X86EntryFormatTest, AbsentEntriesAndProtNoneAreNotPresentToHardware) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10000; ++i) {
    const Entry e = RandomEntry(random, 0);
    const bool hardware_sees_it = e.present() && !e.prot_none();
    ASSERT_EQ((Ops().Encode(0, e) & kPresent) != 0, hardware_sees_it)
        << ToString(e);
  }
}

TEST(X86EntryFormatTest, ReservedHugePageAboveThePudIsAPoisonMarker) {
  const Entry e = Ops().Decode(3, 0x200087);
  EXPECT_TRUE(e.marker(mm::kMarkerPoison)) << ToString(e);
}

TEST(X86ArchOpsTest, WriteImpliesReadAndNoneAllowsNothing) {
  const EntryFlags w = Ops().PageFlags(mm::Prot::W());
  EXPECT_TRUE(Ops().Permits(w, Access::kRead, Mode::kUser));
  EXPECT_TRUE(Ops().Permits(w, Access::kWrite, Mode::kUser));
  EXPECT_FALSE(Ops().Permits(w, Access::kExec, Mode::kUser));
  const EntryFlags none = Ops().PageFlags(mm::Prot::None());
  for (const Mode mode : {Mode::kUser, Mode::kKernel}) {
    EXPECT_FALSE(Ops().Permits(none, Access::kRead, mode));
  }
}

TEST(X86ArchOpsTest, KernelObeysReadOnlyPagesAndNeverExecutesUserPages) {
  const EntryFlags rx = Ops().PageFlags(mm::Prot::RX());
  EXPECT_TRUE(Ops().Permits(rx, Access::kRead, Mode::kKernel));
  EXPECT_FALSE(Ops().Permits(rx, Access::kWrite, Mode::kKernel));
  EXPECT_FALSE(Ops().Permits(rx, Access::kExec, Mode::kKernel));
}

TEST(X86ArchOpsTest, LayoutIsThatOfLinux) {
  const mm::AddressLayout& l = Ops().layout();
  EXPECT_EQ(l.user_end.value(), 0x7ffffffff000u);
  EXPECT_EQ(l.stack_top.value(), 0x7ffffffff000u);
  EXPECT_EQ(l.pie_base & ~0xfffull, 0x555555554000u);
  const mm::AddressLayout& wide = OpsFor(Paging::k5Level).layout();
  EXPECT_EQ(wide.user_end.value(), 0xfffffffffff000u);
  EXPECT_EQ(wide.mmap_end.value(), 0x7ffffffff000u);
}

}  // namespace
}  // namespace faultline::x86
