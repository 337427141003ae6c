// Pointer tags against memory tags, on pages mapped by hand (tag_check.cc).

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
constexpr uint64_t kData = TestMachine::kData;
constexpr TagChecks kSync{TagCheck::kSync, TagCheck::kSync};
constexpr TagChecks kAsync{TagCheck::kAsync, TagCheck::kAsync};

class TagCheckTest : public testing::Test {
 protected:
  TagCheckTest() {
    m_.Load(m_.kStoreLoadProgram);
    frame_ = m_.Map(kData, Prot::RW());
    m_.MapFrame(m_.space(), kData, frame_,
                m_.Flags(Prot::RW()).with(mm::EntryFlag::kMte));
    Check(kSync);
  }

  void Check(TagChecks checks) { m_.cpu().SetTagChecks(m_.context(), checks); }
  void SetTag(uint64_t offset, uint8_t tag) {
    m_.phys().tags().Set(mm::PhysAddr((frame_.value() << 12) + offset), tag);
    m_.cpu().TagsChanged(frame_);
  }
  void SetAllTags(uint8_t tag) {
    m_.phys().tags().Fill(mm::PhysAddr(frame_.value() << 12), 4096, tag);
    m_.cpu().TagsChanged(frame_);
  }
  // Stores `value` at the page's `offset` by a pointer with `tag`, and loads
  // it.
  Trap StoreAndLoad(uint64_t offset, uint8_t tag, uint64_t value) {
    m_.SetPointer(arm64::WithTag(kData + offset, tag));
    m_.SetValue(value);
    return m_.RunAt(kCode);
  }

  TestMachine m_{Arch::kArm64};
  mm::Pfn frame_;
};

TEST_F(TagCheckTest, AStoreByTheWrongTagDoesNotHappen) {
  EXPECT_EQ(StoreAndLoad(8, 0, 1).kind, Kind::kSyscall);
  const Trap t = StoreAndLoad(8, 3, 2);
  EXPECT_EQ(t.kind, Kind::kTagFault);
  EXPECT_EQ(t.access, Access::kWrite);
  EXPECT_EQ(t.mode, mm::Mode::kUser);
  EXPECT_EQ(t.address, mm::GuestAddr(kData + 8));
  EXPECT_EQ(t.raw_address, arm64::WithTag(kData + 8, 3));
  EXPECT_EQ(m_.cpu().pc(), kCode) << "on the instruction";
  EXPECT_EQ(m_.Peek64(kData + 8), 1u);
}

TEST_F(TagCheckTest, AMixedPageIsCheckedByGranule) {
  SetTag(32, 5);
  EXPECT_EQ(StoreAndLoad(32, 5, 7).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Loaded(), 7u);
  EXPECT_EQ(StoreAndLoad(40, 5, 8).kind, Kind::kSyscall);
  EXPECT_EQ(StoreAndLoad(24, 0, 9).kind, Kind::kSyscall);
  EXPECT_EQ(StoreAndLoad(24, 5, 9).kind, Kind::kTagFault);
  const Trap across = StoreAndLoad(28, 0, ~uint64_t{0});
  EXPECT_EQ(across.kind, Kind::kTagFault);
  EXPECT_EQ(across.address, mm::GuestAddr(kData + 32));
  EXPECT_EQ(m_.Peek64(kData + 24), 9u) << "nothing of it is stored";
}

TEST_F(TagCheckTest, AChangedTagIsSeenAtOnce) {
  SetAllTags(4);
  EXPECT_EQ(StoreAndLoad(0, 4, 1).kind, Kind::kSyscall);
  SetTag(0, 6);
  EXPECT_EQ(StoreAndLoad(0, 4, 2).kind, Kind::kTagFault);
  EXPECT_EQ(StoreAndLoad(16, 4, 2).kind, Kind::kSyscall);
  SetAllTags(4);
  EXPECT_EQ(StoreAndLoad(0, 4, 3).kind, Kind::kSyscall);
}

TEST_F(TagCheckTest, AUniformPageCostsNothing) {
  SetAllTags(4);
  StoreAndLoad(0, 4, 1);
  const uint64_t fills = m_.cpu().counters().fills;
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(StoreAndLoad(i * 8, 4, i).kind, Kind::kSyscall);
  }
  EXPECT_EQ(m_.cpu().counters().fills, fills);
}

TEST_F(TagCheckTest, NorDoesOneThatHasBecomeUniform) {
  SetTag(4080, 4);
  StoreAndLoad(4080, 4, 1);  // filled as it is
  for (uint64_t at = 0; at < 4096; at += 16) {
    SetTag(at, 4);
  }
  StoreAndLoad(0, 4, 1);
  EXPECT_EQ(m_.cpu().TagCheckedPages(), 0u);
}

TEST_F(TagCheckTest, AsynchronousChecksAreRememberedOnce) {
  Check(kAsync);
  EXPECT_EQ(StoreAndLoad(0, 0, 1).kind, Kind::kSyscall);
  EXPECT_FALSE(m_.cpu().TakeAsyncTagFault());
  EXPECT_EQ(StoreAndLoad(0, 9, 2).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Peek64(kData), 2u);
  EXPECT_TRUE(m_.cpu().TakeAsyncTagFault());
  EXPECT_FALSE(m_.cpu().TakeAsyncTagFault());
}

TEST_F(TagCheckTest, AsymmetricChecksTellLoadsFromStores) {
  Check({.loads = TagCheck::kSync, .stores = TagCheck::kAsync});
  EXPECT_EQ(StoreAndLoad(0, 9, 2).kind, Kind::kTagFault) << "by the load";
  EXPECT_EQ(m_.cpu().pc(), kCode + m_.store_bytes());
  EXPECT_EQ(m_.Peek64(kData), 2u);
  EXPECT_TRUE(m_.cpu().TakeAsyncTagFault());
}

TEST_F(TagCheckTest, NothingIsCheckedWithoutBeingAskedOrWithTco) {
  Check({});
  EXPECT_EQ(StoreAndLoad(0, 9, 1).kind, Kind::kSyscall);
  Check(kSync);
  arm64::Registers r = m_.Arm64();
  r.pstate |= arm64::kPstateTco;
  m_.cpu().WriteRegisters(r);
  EXPECT_EQ(StoreAndLoad(0, 9, 2).kind, Kind::kSyscall);
  r = m_.Arm64();
  EXPECT_EQ(r.pstate & arm64::kPstateTco, arm64::kPstateTco);
  r.pstate &= ~arm64::kPstateTco;
  m_.cpu().WriteRegisters(r);
  EXPECT_EQ(StoreAndLoad(0, 9, 3).kind, Kind::kTagFault);
}

TEST_F(TagCheckTest, MemoryThatIsNotTaggedIsNotChecked) {
  m_.Map(kData + 0x1000, Prot::RW());
  EXPECT_EQ(StoreAndLoad(0x1000, 9, 1).kind, Kind::kSyscall);
}

// Claim P4 for tags: a kernel copy goes up to the granule that refuses.
TEST_F(TagCheckTest, AKernelCopyStopsAtTheGranule) {
  const auto kernel = m_.cpu().NewKernelContext();
  m_.cpu().SetTagChecks(*kernel, kSync);
  SetAllTags(4);
  SetTag(128, 5);
  for (uint64_t from = 0; from < 128; from += 7) {
    m_.cpu().SwitchTo(&m_.space(), kernel.get());
    m_.cpu().BeginKernelCall(*kernel, {KernelRoutine::kCopyToUser,
                                       {arm64::WithTag(kData + from, 4),
                                        kernel->memory().buffer_address, 200}});
    const Trap t = m_.cpu().RunKernel();
    ASSERT_EQ(t.kind, Kind::kTagFault);
    EXPECT_EQ(t.mode, mm::Mode::kKernel);
    ASSERT_TRUE(m_.cpu().FixUpKernelFault());
    ASSERT_EQ(m_.cpu().RunKernel().kind, Kind::kSyscall);
    EXPECT_EQ(m_.cpu().ReadKernelResult().value, 200 - (128 - from));
  }
}

}  // namespace
}  // namespace faultline::engine
