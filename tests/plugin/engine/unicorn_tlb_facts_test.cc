// unicorn_facts_test.cc, for the virtual TLB: when it asks, what a refusal
// leaves behind, how it is flushed.

#include <gtest/gtest.h>

#include <array>

#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_raw_engine.h"

namespace faultline::engine {
namespace {

TEST_F(X86FactsTest, APageIsAskedForOnce) {
  Load({x64::kLoadRcxRdi, x64::kLoadRcxRdi, x64::kSyscall});
  e_.pages[kData] = {kDataPhys, 0};
  e_.Set(UC_X86_REG_RDI, kData);
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(e_.FillsOf(kData), 1u);
}

TEST_F(X86FactsTest, ARefusedAccessEndsOnItsInstructionAndCanBeRestarted) {
  Load({x64::kIncRax, x64::kStoreRdxRdi, x64::kSyscall});
  e_.Set(UC_X86_REG_RDI, kData + 0x128);
  e_.Set(UC_X86_REG_RDX, 7);
  EXPECT_EQ(e_.Run(), UC_ERR_EXCEPTION);
  EXPECT_EQ(e_.pc(), kCode + 3);
  ASSERT_FALSE(e_.fills.empty());
  EXPECT_EQ(e_.fills.back().pc, kCode + 3) << "exact inside the hook too";
  e_.pages[kData] = {kDataPhys, 0};
  EXPECT_EQ(e_.Run(e_.pc()), UC_ERR_OK);
  EXPECT_EQ(e_.Get(UC_X86_REG_RAX), 1u);
  EXPECT_EQ(e_.ram()[kDataPhys + 0x128], 7);
}

TEST_F(X86FactsTest, TheHookIsToldThePageOnly) {
  Load({x64::kLoadRcxRdi, x64::kSyscall});
  e_.Set(UC_X86_REG_RDI, kData + 0x128);
  e_.Run();
  EXPECT_EQ(e_.fills.back().va, kData);
}

TEST_F(X86FactsTest, AStoreToAPageFilledReadOnlyAsksAgainAsAWrite) {
  Load({x64::kLoadRcxRdi, x64::kStoreRdxRdi, x64::kSyscall});
  e_.pages[kData] = {kDataPhys, UC_PROT_READ};
  e_.Set(UC_X86_REG_RDI, kData);
  EXPECT_EQ(e_.Run(), UC_ERR_EXCEPTION);
  ASSERT_EQ(e_.FillsOf(kData), 2u);
  EXPECT_EQ(e_.fills.back().type, UC_MEM_WRITE);
  EXPECT_EQ(e_.pc(), kCode + 3);
}

TEST_F(X86FactsTest, AReadThenWriteInstructionIsRefusedBeforeItReads) {
  // add %rdx, (%rdi) asks for the page as a read, then as a write; neither
  // register nor memory has changed when the second is refused.
  Load({x64::kAddRdxRdi, x64::kSyscall});
  e_.pages[kData] = {kDataPhys, UC_PROT_READ};
  e_.ram()[kDataPhys] = 5;
  e_.Set(UC_X86_REG_RDI, kData);
  e_.Set(UC_X86_REG_RDX, 1);
  EXPECT_EQ(e_.Run(), UC_ERR_EXCEPTION);
  EXPECT_EQ(e_.ram()[kDataPhys], 5);
  e_.pages[kData].perms = 0;
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(e_.ram()[kDataPhys], 6);
}

TEST_F(X86FactsTest, AStoreAcrossTwoPagesDoesNotTear) {
  Load({x64::kStoreRdxRdi, x64::kSyscall});
  e_.pages[kData] = {kDataPhys, 0};
  e_.Set(UC_X86_REG_RDI, kData + 0xffc);
  e_.Set(UC_X86_REG_RDX, ~uint64_t{0});
  EXPECT_EQ(e_.Run(), UC_ERR_EXCEPTION);
  EXPECT_EQ(e_.fills.back().va, kData + 0x1000);
  EXPECT_EQ(e_.ram()[kDataPhys + 0xffc], 0) << "nothing on the first page";
}

TEST_F(Arm64FactsTest, APairStoredAcrossTwoPagesDoesNotLoseItsSecondHalf) {
  Load({a64::kStpX2X3X0, a64::kSvc});
  e_.pages[kData] = {kDataPhys, 0};
  e_.Set(UC_ARM64_REG_X0, kData + 0xff8);
  e_.Set(UC_ARM64_REG_X2, 2);
  e_.Set(UC_ARM64_REG_X3, 3);
  EXPECT_EQ(e_.Run(), UC_ERR_EXCEPTION);
  e_.pages[kData + 0x1000] = {kDataPhys + 0x1000, 0};
  EXPECT_EQ(e_.Run(e_.pc()), UC_ERR_OK);
  EXPECT_EQ(e_.ram()[kDataPhys + 0xff8], 2);
  EXPECT_EQ(e_.ram()[kDataPhys + 0x1000], 3);
}

TEST_F(X86FactsTest, RepMovsStopsInTheMiddleAndGoesOn) {
  Load({x64::kRepMovsb, x64::kSyscall});
  e_.pages[kData] = {kDataPhys, 0};
  e_.pages[kData + 0x10000] = {kDataPhys + 0x1000, 0};
  e_.Set(UC_X86_REG_RSI, kData);
  e_.Set(UC_X86_REG_RDI, kData + 0x10000 + 0xff0);
  e_.Set(UC_X86_REG_RCX, 64);
  EXPECT_EQ(e_.Run(), UC_ERR_EXCEPTION);
  EXPECT_EQ(e_.Get(UC_X86_REG_RCX), 64u - 16);
  EXPECT_EQ(e_.pc(), kCode);
  e_.pages[kData + 0x11000] = {kDataPhys + 0x2000, 0};
  EXPECT_EQ(e_.Run(e_.pc()), UC_ERR_OK);
  EXPECT_EQ(e_.Get(UC_X86_REG_RCX), 0u);
}

TEST_F(X86FactsTest, ABlockIsTranslatedOnIntoTheNextPageBeforeItRuns) {
  // Three instructions fill the page's end; the fourth is on the next.
  Load({x64::kIncRax, x64::kIncRax, x64::kIncRax}, 0xff7);
  EXPECT_EQ(e_.Run(kCode + 0xff7), UC_ERR_EXCEPTION);
  EXPECT_EQ(e_.fills.back().type, UC_MEM_FETCH);
  EXPECT_EQ(e_.fills.back().va, kCode + 0x1000);
  EXPECT_EQ(e_.Get(UC_X86_REG_RAX), 0u);
  EXPECT_EQ(e_.pc(), kCode + 0xff7);
}

TEST_F(X86FactsTest, TheTrapFlagEndsARunAfterOneInstruction) {
  Load({x64::kIncRax, x64::kIncRax});
  e_.Set(UC_X86_REG_RFLAGS, e_.Get(UC_X86_REG_RFLAGS) | 0x100);
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 1u);
  EXPECT_EQ(e_.pc(), kCode + 3);
}

TEST_F(Arm64FactsTest, ABlockEndsWhereItsPageDoes) {
  Load({a64::kAddX0One, a64::kAddX0One}, 0xff8);
  EXPECT_EQ(e_.Run(kCode + 0xff8), UC_ERR_EXCEPTION);
  EXPECT_EQ(e_.Get(UC_ARM64_REG_X0), 2u);
  EXPECT_EQ(e_.pc(), kCode + 0x1000);
}

TEST_F(X86FactsTest, AnInstructionAcrossPagesIsRefusedOnItsFirstByte) {
  Load({x64::kIncRax}, 0xffe);
  EXPECT_EQ(e_.Run(kCode + 0xffe), UC_ERR_EXCEPTION);
  EXPECT_EQ(e_.pc(), kCode + 0xffe);
  EXPECT_EQ(e_.fills.back().va, kCode + 0x1000);
}

TEST(Arm64PageSizeFactsTest, WithoutAPageSizeTheTlbHasPagesOf1KiB) {
  constexpr uint64_t kData = 0x10000000;
  for (const bool set : {false, true}) {
    RawEngine e(UC_ARCH_ARM64, UC_CPU_ARM64_MAX, set ? 4096 : 0);
    const std::array<uint32_t, 2> code = {a64::kLdrX3X0, a64::kSvc};
    e.Code(absl::MakeConstSpan(code));
    e.pages[kData] = {0x20000, 0};
    for (uint64_t offset = 0; offset < 4096; offset += 1024) {
      e.Set(UC_ARM64_REG_X0, kData + offset);
      EXPECT_EQ(e.Run(), UC_ERR_OK);
    }
    EXPECT_EQ(e.FillsOf(kData), set ? 1u : 4u);
  }
}

TEST_F(Arm64FactsTest, TaggedPointersReachTheHookWholeAndAreTlbEntriesApart) {
  Load({a64::kLdrX3X0, a64::kSvc});
  const uint64_t tagged = kData | uint64_t{0x0b} << 56;
  e_.pages[kData] = {kDataPhys, 0};
  e_.pages[tagged] = {kDataPhys, 0};
  for (const uint64_t va : {kData, tagged, kData, tagged}) {
    e_.Set(UC_ARM64_REG_X0, va);
    EXPECT_EQ(e_.Run(), UC_ERR_OK);
  }
  EXPECT_EQ(e_.FillsOf(kData), 1u);
  EXPECT_EQ(e_.FillsOf(tagged), 1u);
}

TEST_F(X86FactsTest, InvlpgDropsOnePage) {
  Load({x64::kLoadRcxRdi, x64::kSyscall});
  Load({x64::kInvlpgRdi, x64::kSyscall}, 0x100);
  e_.pages[kData] = {kDataPhys, 0};
  e_.pages[kData + 0x1000] = {kDataPhys, 0};
  auto touch = [&](uint64_t va) {
    e_.Set(UC_X86_REG_RDI, va);
    EXPECT_EQ(e_.Run(), UC_ERR_OK);
  };
  touch(kData);
  touch(kData + 0x1000);
  e_.Set(UC_X86_REG_RDI, kData);
  EXPECT_EQ(e_.Run(kCode + 0x100), UC_ERR_OK);
  touch(kData);
  touch(kData + 0x1000);
  EXPECT_EQ(e_.FillsOf(kData), 2u);
  EXPECT_EQ(e_.FillsOf(kData + 0x1000), 1u);
}

TEST_F(Arm64FactsTest, TlbiDropsOnePageButNotItsTaggedEntries) {
  Load({a64::kLdrX3X0, a64::kSvc});
  Load({a64::kTlbiX0, a64::kDsbIsh, a64::kIsb, a64::kSvc}, 0x100);
  const uint64_t tagged = kData | uint64_t{0x0b} << 56;
  for (const uint64_t va : {kData, kData + 0x1000, tagged}) {
    e_.pages[va] = {kDataPhys, 0};
    e_.Set(UC_ARM64_REG_X0, va);
    EXPECT_EQ(e_.Run(), UC_ERR_OK);
  }
  e_.Set(UC_ARM64_REG_X0, kData >> 12);
  EXPECT_EQ(e_.Run(kCode + 0x100), UC_ERR_OK);
  for (const uint64_t va : {kData, kData + 0x1000, tagged}) {
    e_.Set(UC_ARM64_REG_X0, va);
    EXPECT_EQ(e_.Run(), UC_ERR_OK);
  }
  EXPECT_EQ(e_.FillsOf(kData), 2u);
  EXPECT_EQ(e_.FillsOf(kData + 0x1000), 1u);
  EXPECT_EQ(e_.FillsOf(tagged), 1u);
}

}  // namespace
}  // namespace faultline::engine
