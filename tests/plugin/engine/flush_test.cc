// What FlushRange, FlushMm and FlushCode make the CPU forget (flush.cc).

#include <gtest/gtest.h>

#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::GuestAddr;
using mm::GuestRange;
using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class FlushTest : public testing::TestWithParam<Arch> {
 protected:
  FlushTest() { m_.Load(m_.kStoreLoadProgram); }

  Trap Store(uint64_t va, uint64_t value) {
    m_.SetPointer(va);
    m_.SetValue(value);
    return m_.RunAt(kCode);
  }
  // Gives `va` another frame, as a copy-on-write fault does.
  mm::Pfn Remap(uint64_t va) { return m_.Map(va, Prot::RW()); }

  TestMachine m_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, FlushTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

TEST_P(FlushTest, WithoutAFlushTheOldTranslationStays) {
  m_.Map(kData, Prot::RW());
  Store(kData, 1);
  Remap(kData);
  Store(kData, 2);
  EXPECT_EQ(m_.Peek64(kData), 0u) << "or these tests would test nothing";
}

TEST_P(FlushTest, ASinglePageIsForgottenAndOthersAreKept) {
  m_.Map(kData, Prot::RW());
  m_.Map(kData + 0x1000, Prot::RW());
  Store(kData, 1);
  Store(kData + 0x1000, 1);
  Remap(kData);
  m_.Flush(kData);
  const uint64_t fills = m_.cpu().counters().fills;
  Store(kData + 0x1000, 3);
  EXPECT_EQ(m_.cpu().counters().page_flushes, 1u);
  const uint64_t of_the_stub = m_.cpu().counters().fills - fills;
  Store(kData, 2);
  EXPECT_EQ(m_.Peek64(kData), 2u);
  EXPECT_EQ(m_.cpu().counters().fills - fills, of_the_stub + 1);
  EXPECT_EQ(m_.cpu().counters().full_flushes, 1u) << "the first switch";
}

TEST_P(FlushTest, APageUnmappedFaults) {
  m_.Map(kData, Prot::RW());
  Store(kData, 1);
  m_.Unmap(kData);
  m_.Flush(kData);
  EXPECT_EQ(Store(kData, 2).kind, Kind::kPageFault);
}

TEST_P(FlushTest, AWriteProtectedPageFaultsOnAStoreOnly) {
  const mm::Pfn frame = m_.Map(kData, Prot::RW());
  Store(kData, 1);
  m_.MapFrame(m_.space(), kData, frame, m_.Flags(Prot::R()));
  m_.Flush(kData);
  EXPECT_EQ(Store(kData, 2).kind, Kind::kPageFault);
  EXPECT_EQ(m_.RunAt(kCode + m_.store_bytes()).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Loaded(), 1u);
}

TEST_P(FlushTest, AFetchRightTakenAwayIsGone) {
  EXPECT_EQ(Store(kData, 1).kind, Kind::kPageFault) << "it ran";
  const mm::Entry e = m_.EntryAt(kCode);
  m_.MapFrame(m_.space(), kCode, e.pfn(), m_.Flags(Prot::RW()));
  m_.Flush(kCode);
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.access, mm::Access::kExec);
}

TEST_P(FlushTest, LargeRangesAndWholeSpacesAreForgotten) {
  for (const bool whole : {false, true}) {
    for (uint64_t p = 0; p < 100; ++p) {
      m_.Map(kData + p * 4096, Prot::RW());
      Store(kData + p * 4096, 1);
      Remap(kData + p * 4096);
    }
    if (whole) {
      m_.cpu().FlushMm(m_.space());
    } else {
      m_.cpu().FlushRange(m_.space(),
                          GuestRange::At(GuestAddr(kData), 100 * 4096));
    }
    for (uint64_t p = 0; p < 100; ++p) {
      Store(kData + p * 4096, 7);
      EXPECT_EQ(m_.Peek64(kData + p * 4096), 7u);
    }
  }
}

TEST_P(FlushTest, TaggedTranslationsOfAPageGoWithIt) {
  if (GetParam() != Arch::kArm64) {
    GTEST_SKIP() << "no tags";
  }
  const uint64_t tagged = kData | uint64_t{0x0b} << 56;
  m_.Map(kData, Prot::RW());
  Store(tagged, 1);
  Remap(kData);
  m_.Flush(kData);
  Store(tagged, 2);
  EXPECT_EQ(m_.Peek64(kData), 2u);
}

TEST_P(FlushTest, AnotherSpacesFlushCostsNothing) {
  mm::AddressSpace& other = m_.AddSpace();
  m_.Map(kData, Prot::RW());
  Store(kData, 1);
  const Cpu::Counters before = m_.cpu().counters();
  m_.cpu().FlushMm(other);
  m_.cpu().FlushRange(other, GuestRange::At(GuestAddr(kData), 4096));
  Store(kData, 1);
  EXPECT_EQ(m_.cpu().counters().full_flushes, before.full_flushes);
  EXPECT_EQ(m_.cpu().counters().page_flushes, before.page_flushes);
}

TEST_P(FlushTest, ASpaceComesBackFlushed) {
  mm::AddressSpace& other = m_.AddSpace();
  m_.Map(kData, Prot::RW());
  Store(kData, 1);
  m_.cpu().SwitchTo(&other, &m_.context());
  Remap(kData);  // and its flush finds the space not current
  m_.Flush(kData);
  m_.cpu().SwitchTo(&m_.space(), &m_.context());
  Store(kData, 2);
  EXPECT_EQ(m_.Peek64(kData), 2u);
}

class FlushCodeTest : public testing::TestWithParam<Arch> {
 protected:
  FlushCodeTest() { m_.Load(m_.ReturnProgram(1)); }
  uint64_t Result() {
    EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
    return m_.Value();
  }
  TestMachine m_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, FlushCodeTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

TEST_P(FlushCodeTest, AFrameRewrittenByTheHostRunsItsNewInstructions) {
  EXPECT_EQ(Result(), 1u);
  m_.Poke(kCode, m_.ReturnProgram(2));
  EXPECT_EQ(Result(), 1u) << "or this test would test nothing";
  m_.phys().WroteByHost(m_.EntryAt(kCode).pfn());
  EXPECT_EQ(Result(), 2u);
}

TEST_P(FlushCodeTest, ManyFramesAtOnce) {
  constexpr uint64_t kFrames = 400;
  for (uint64_t p = 1; p < kFrames; ++p) {
    m_.Map(kCode + p * 4096, Prot::RX());
    m_.Poke(kCode + p * 4096, m_.ReturnProgram(1));
    m_.RunAt(kCode + p * 4096);
  }
  for (uint64_t p = 1; p < kFrames; ++p) {
    m_.Poke(kCode + p * 4096, m_.ReturnProgram(2));
    m_.phys().WroteByHost(m_.EntryAt(kCode + p * 4096).pfn());
  }
  for (uint64_t p = 1; p < kFrames; ++p) {
    m_.RunAt(kCode + p * 4096);
    EXPECT_EQ(m_.Value(), 2u);
  }
}

TEST_P(FlushCodeTest, ItNeedsNoMappingOfTheFrame) {
  const mm::Pfn frame = m_.EntryAt(kCode).pfn();
  EXPECT_EQ(Result(), 1u);
  m_.Poke(kCode, m_.ReturnProgram(2));
  m_.Unmap(kCode);
  m_.Flush(kCode);
  m_.phys().WroteByHost(frame);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kPageFault);
  m_.MapFrame(m_.space(), kCode + 0x5000, frame, m_.Flags(Prot::RX()));
  EXPECT_EQ(m_.RunAt(kCode + 0x5000).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Value(), 2u);
}

}  // namespace
}  // namespace faultline::engine
