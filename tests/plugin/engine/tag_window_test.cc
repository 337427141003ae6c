// Accesses that the engine makes in pieces, or does not ask for
// (tag_window.cc).

#include <gtest/gtest.h>

#include "arch_arm64/mte_insn.h"
#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::Access;
using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kPlain = TestMachine::kData;
constexpr uint64_t kTagged = kPlain + 0x1000;
constexpr uint32_t kCasX1X2X0 = 0xc8a17c02;  // cas x1, x2, [x0]

// A page without tags, then one whose first granule has tag 5.
class TagWindowTest : public testing::Test {
 protected:
  TagWindowTest() {
    m_.Map(kPlain, Prot::RW());
    frame_ = m_.Map(kTagged, Prot::RW());
    MapTagged(Prot::RW());
    m_.phys().tags().Set(mm::PhysAddr(frame_.value() << 12), 5);
    m_.cpu().SetTagChecks(m_.context(), {TagCheck::kSync, TagCheck::kSync});
  }

  void MapTagged(Prot prot) {
    m_.MapFrame(m_.space(), kTagged, frame_,
                m_.Flags(prot).with(mm::EntryFlag::kMte));
    m_.Flush(kTagged);
  }

  TestMachine m_{Arch::kArm64};
  mm::Pfn frame_;
};

TEST_F(TagWindowTest, ALoadIsCheckedToItsEndOnTheNextPage) {
  m_.LoadWords({a64::kLdrX3X0, a64::kSvc});
  m_.SetArm64(3, 77);
  m_.SetPointer(kTagged - 3);
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kTagFault);
  EXPECT_EQ(t.address, mm::GuestAddr(kTagged));
  EXPECT_EQ(m_.cpu().pc(), kCode);
  EXPECT_EQ(m_.Loaded(), 77u);
}

// Both pages are in the TLB, the first without need to look at its tags.
TEST_F(TagWindowTest, ALoadFromAUniformPageIsCheckedToItsEnd) {
  const mm::Pfn second = m_.Map(kTagged + 0x1000, Prot::RW());
  m_.MapFrame(m_.space(), kTagged + 0x1000, second,
              m_.Flags(Prot::RW()).with(mm::EntryFlag::kMte));
  m_.phys().tags().Set(mm::PhysAddr(second.value() << 12), 5);
  m_.phys().tags().Set(mm::PhysAddr(frame_.value() << 12), 0);
  m_.LoadWords({a64::kLdrX3X0, a64::kSvc});
  for (const uint64_t at : {0x10, 0x1010, 0x20, 0x1010}) {
    m_.SetPointer(kTagged + at);
    EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  }
  m_.SetArm64(3, 77);
  m_.SetPointer(kTagged + 0x1000 - 3);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kTagFault);
  EXPECT_EQ(m_.Loaded(), 77u);
}

TEST_F(TagWindowTest, PiecesAreWhatWasLookedAt) {
  m_.LoadWords({a64::kStrX2X0, a64::kLdrX3X0, a64::kSvc});
  for (uint64_t at = 16; at < 40; ++at) {
    m_.SetPointer(kTagged + at);
    m_.SetValue(0x0123456789abcdef + at);
    EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
    EXPECT_EQ(m_.Loaded(), 0x0123456789abcdef + at);
  }
}

TEST_F(TagWindowTest, ABlockThatIsRefusedEndsThere) {
  m_.LoadWords({a64::kDcZvaX0, a64::kStrX2X1, a64::kSvc});
  m_.SetPointer(kTagged + 20);
  m_.SetArm64(1, kPlain);
  m_.SetValue(9);
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kTagFault);
  EXPECT_EQ(t.address, mm::GuestAddr(kTagged)) << "of the 64 bytes";
  EXPECT_EQ(m_.cpu().pc(), kCode);
  EXPECT_EQ(m_.Peek64(kPlain), 0u) << "nothing after it is done";
}

TEST_F(TagWindowTest, WhatMayNotBeStoredToIsNotLookedAt) {
  MapTagged(Prot::R());
  m_.LoadWords({kCasX1X2X0, a64::kSvc});
  m_.SetPointer(kTagged + 8);
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.access, Access::kWrite);
  EXPECT_TRUE(t.was_present);
  EXPECT_EQ(m_.cpu().LocateFault(t), mm::GuestAddr(kTagged + 8));
}

TEST_F(TagWindowTest, NorIsWhatEndsOnAPageThatIsNotThere) {
  m_.LoadWords({a64::kLdrX3X0, a64::kSvc});
  m_.phys().tags().Set(mm::PhysAddr((frame_.value() << 12) + 4080), 5);
  m_.SetPointer(kTagged + 4090);
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.address, mm::GuestAddr(kTagged + 0x1000));
}

TEST_F(TagWindowTest, ABlockThatFaultsIsNotRunToFindWhere) {
  MapTagged(Prot::R());
  m_.LoadWords({a64::kDcZvaX0, a64::kStrX2X1, a64::kSvc});
  m_.SetPointer(kTagged + 72);
  m_.SetArm64(1, kPlain);
  m_.SetValue(9);
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(m_.cpu().LocateFault(t), mm::GuestAddr(kTagged + 72));
  EXPECT_EQ(m_.Peek64(kPlain), 0u);
}

}  // namespace
}  // namespace faultline::engine
