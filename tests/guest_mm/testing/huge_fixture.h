#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_HUGE_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_HUGE_FIXTURE_H_

// HugeTest: a machine of either architecture on which every fault may be given
// a huge page, and the words that tests of huge pages are written in. Huge
// pages are numbered from kBase, base pages too. Everything is validated when
// the test ends.

#include <string>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/calls/calls.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {

class HugeTest : public testing::TestWithParam<const ArchOps*> {
 protected:
  static constexpr uint64_t kBase = 0x10000000;
  static constexpr uint64_t kAnon = kMapPrivate | kMapAnonymous;
  static constexpr uint64_t kRW = 3;

  explicit HugeTest(const BehaviourSet& behaviours = {})
      : m_(*GetParam(), 64 << 20, 0, behaviours), mm_(m_.NewSpace()) {
    thp().settings.enabled = ThpEnabled::kAlways;
    mm_.mmap_base = GuestAddr(0x7f0000000000);
  }

  ThpState& thp() { return m_.system().thp(); }
  const PagingGeometry& geometry() const { return GetParam()->geometry(); }
  uint64_t page() const { return geometry().page_shift.bytes(); }
  uint64_t huge() const { return geometry().HugeBytes(); }
  uint64_t huge_pages() const { return geometry().HugePages(); }

  // Base page `i` from kBase, or from the start of huge page `h`.
  GuestAddr At(uint64_t i) const { return GuestAddr(kBase + i * page()); }
  GuestAddr Huge(uint64_t h, uint64_t i = 0) const {
    return GuestAddr(kBase + h * huge() + i * page());
  }
  void Map(GuestAddr at, uint64_t bytes, uint64_t flags = kAnon) {
    MmapRequest r;
    r.hint = at;
    r.length = bytes;
    r.prot = kRW;
    r.flags = flags | kMapFixed;
    ASSERT_TRUE(Mmap(mm_, r).ok());
  }
  bool Store(GuestAddr a, uint8_t value) { return m_.Store(mm_, a, value); }
  int Load(GuestAddr a) { return m_.Load(mm_, a); }

  // Is `a` mapped by an entry of the huge level?
  static bool IsHuge(AddressSpace& mm, GuestAddr a) {
    const PageTable& table = mm.page_table();
    const EntryRef r = table.Walk(a);
    return r.level == PagingGeometry::kHugeLevel && table.Get(r).present();
  }
  bool IsHuge(GuestAddr a) const { return IsHuge(mm_, a); }

  TestMachine m_;
  AddressSpace& mm_;
};

#define INSTANTIATE_HUGE_TEST(Name)                             \
  INSTANTIATE_TEST_SUITE_P(                                     \
      Archs, Name, testing::Values(&x86::Ops(), &arm64::Ops()), \
      [](const auto& p) { return std::string(p.param->name()); })

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_HUGE_FIXTURE_H_
