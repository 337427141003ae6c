// What a TLB fill grants and leaves in the page table (fill.cc).

#include <gtest/gtest.h>

#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::EntryFlag;
using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class FillTest : public testing::TestWithParam<Arch> {
 protected:
  // A fresh page at kData that is neither young nor dirty.
  void MapUntouched(Prot prot) {
    const mm::Pfn frame = m_.Map(kData, prot);
    m_.MapFrame(
        m_.space(), kData, frame,
        m_.Flags(prot).without(EntryFlag::kYoung).without(EntryFlag::kDirty));
  }
  // Runs the store, or only the load behind it.
  Trap Store() { return m_.RunAt(kCode); }
  Trap Load() { return m_.RunAt(kCode + m_.store_bytes()); }
  bool Young() { return m_.EntryAt(kData).young(); }
  bool Dirty() { return m_.EntryAt(kData).dirty(); }

  FillTest() {
    m_.Load(m_.kStoreLoadProgram);
    m_.SetPointer(kData);
  }
  TestMachine m_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, FillTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

TEST_P(FillTest, ALoadMakesAnEntryYoungAndAStoreDirty) {
  MapUntouched(Prot::RW());
  EXPECT_EQ(Load().kind, Kind::kSyscall);
  EXPECT_TRUE(Young());
  EXPECT_FALSE(Dirty());
  m_.SetPointer(kData);
  EXPECT_EQ(Store().kind, Kind::kSyscall);
  EXPECT_TRUE(Dirty());
}

TEST_P(FillTest, ARefusedStoreLeavesTheEntryClean) {
  MapUntouched(Prot::R());
  EXPECT_EQ(Store().kind, Kind::kPageFault);
  EXPECT_FALSE(Dirty());
}

TEST_P(FillTest, OnlyFetchesMarkAFrameExecuted) {
  m_.Map(kData, Prot::RW());
  EXPECT_EQ(Store().kind, Kind::kSyscall);
  EXPECT_FALSE(m_.phys().frame(m_.EntryAt(kData).pfn()).executed);
  EXPECT_TRUE(m_.phys().frame(m_.EntryAt(kCode).pfn()).executed);
}

TEST_P(FillTest, APageIsAskedForOnceWhileItsRightsSuffice) {
  m_.Map(kData, Prot::RW());
  EXPECT_EQ(Store().kind, Kind::kSyscall);
  const uint64_t fills = m_.cpu().counters().fills;
  m_.SetPointer(kData);
  EXPECT_EQ(Store().kind, Kind::kSyscall);
  EXPECT_EQ(m_.cpu().counters().fills, fills);
}

TEST_P(FillTest, AnAddressBeyondUserSpaceIsRefusedEvenIfItsIndicesAreMapped) {
  m_.Map(0, Prot::RW());
  m_.SetPointer(m_.cpu().arch_ops().layout().user_end.value());
  EXPECT_NE(Store().kind, Kind::kSyscall);
}

TEST(TaggedFillTest, ATaggedPointerReachesItsPageAndATrapTellsBothAddresses) {
  TestMachine m(Arch::kArm64);
  m.Load(m.kStoreLoadProgram);
  const uint64_t tagged = kData | uint64_t{0x5b} << 56;
  m.SetPointer(tagged + 0x18);
  m.SetValue(9);
  const Trap t = m.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.address, mm::GuestAddr(kData));
  EXPECT_EQ(t.raw_address, tagged);
  EXPECT_EQ(m.cpu().LocateFault(t), mm::GuestAddr(kData + 0x18));
  m.Map(kData, Prot::RW());
  EXPECT_EQ(m.cpu().Run(0).kind, Kind::kSyscall);
  EXPECT_EQ(m.Peek64(kData + 0x18), 9u);
}

TEST(DescriptorFillTest, UserCodeMayLoadItsSegmentsButNotReadTheTable) {
  TestMachine m(Arch::kX86);
  // mov $0x2b, %eax; mov %eax, %es; mov %es, %ecx; syscall
  m.Load({0xb8, 0x2b, 0, 0, 0, 0x8e, 0xc0, 0x8c, 0xc1, 0x0f, 0x05});
  EXPECT_EQ(m.RunAt(kCode).kind, Kind::kSyscall);
  EXPECT_EQ(m.X86().gpr[x86::kRcx] & 0xffff, 0x2bu);
  // The kernel's own data segment is not for loading.
  m.Load({0xb8, 0x18, 0, 0, 0, 0x8e, 0xc0, 0x0f, 0x05});
  EXPECT_EQ(m.RunAt(kCode).kind, Kind::kProtection);
  m.Load(x64::Cat({x64::kLoadRcxRdi, x64::kSyscall}));
  m.SetPointer(0xffffffff81010000);
  EXPECT_EQ(m.RunAt(kCode).kind, Kind::kPageFault);
}

}  // namespace
}  // namespace faultline::engine
