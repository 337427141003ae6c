// What the rest of plugin/engine takes for granted of Unicorn, each fact a
// test of its own, so that another version tells by itself what has changed.
// Nothing of ours is under test here. Speeds are in tests/bench.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_raw_engine.h"

namespace faultline::engine {
namespace {

constexpr uint64_t kCode = RawEngine::kCode;
constexpr uint64_t kCodePhys = RawEngine::kCodePhys;
constexpr uint64_t kData = 0x10000000, kDataPhys = 0x20000;

class X86FactsTest : public testing::Test {
 protected:
  void Load(std::initializer_list<x64::Bytes> parts, uint64_t offset = 0) {
    e_.Code(absl::MakeConstSpan(x64::Cat(parts)), offset);
  }
  RawEngine e_{UC_ARCH_X86, UC_CPU_X86_WESTMERE};
};

class Arm64FactsTest : public testing::Test {
 protected:
  void Load(std::initializer_list<uint32_t> words, uint64_t offset = 0) {
    e_.Code(absl::MakeConstSpan(words.begin(), words.size()), offset);
  }
  RawEngine e_{UC_ARCH_ARM64, UC_CPU_ARM64_MAX};
};

TEST(UnicornFactsTest, TheVersionIsTheOneTheseFactsAreOf) {
  EXPECT_EQ(uc_version(nullptr, nullptr) >> 8, 0x020104u);
}

// --- the virtual TLB ---

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
  for (const bool set : {false, true}) {
    RawEngine e(UC_ARCH_ARM64, UC_CPU_ARM64_MAX, set ? 4096 : 0);
    const std::array<uint32_t, 2> code = {a64::kLdrX3X0, a64::kSvc};
    e.Code(absl::MakeConstSpan(code));
    e.pages[kData] = {kDataPhys, 0};
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

// --- flushing ---

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

// --- stale code ---

class StaleCodeFactsTest : public X86FactsTest {
 protected:
  StaleCodeFactsTest() { Put(1); }
  void Put(uint8_t n) { Load({x64::ReturnNumber(n)}); }
  uint64_t Result() {
    EXPECT_EQ(e_.Run(), UC_ERR_OK);
    return e_.Get(UC_X86_REG_RAX);
  }
};

TEST_F(StaleCodeFactsTest, AHostWriteIsNotNoticedNorDoesATlbFlushHelp) {
  EXPECT_EQ(Result(), 1u);
  Put(2);
  EXPECT_EQ(Result(), 1u);
  uc_ctl_flush_tlb(e_.uc());
  EXPECT_EQ(Result(), 1u);
}

TEST_F(StaleCodeFactsTest, UcMemWriteIsNotNoticedEither) {
  EXPECT_EQ(Result(), 1u);
  const x64::Bytes code = x64::ReturnNumber(2);
  uc_mem_write(e_.uc(), kCodePhys, code.data(), code.size());
  EXPECT_EQ(Result(), 1u);
}

TEST_F(StaleCodeFactsTest, RemoveCacheTakesVirtualAddresses) {
  EXPECT_EQ(Result(), 1u);
  Put(2);
  uc_ctl_remove_cache(e_.uc(), kCodePhys, kCodePhys + 0x1000);
  EXPECT_EQ(Result(), 1u);
  uc_ctl_remove_cache(e_.uc(), kCode, kCode + 0x1000);
  EXPECT_EQ(Result(), 2u);
}

TEST_F(StaleCodeFactsTest, AnyVirtualAddressOfTheFrameWillDo) {
  constexpr uint64_t kElsewhere = 0x7000000;
  EXPECT_EQ(Result(), 1u);
  Put(2);
  e_.pages[kElsewhere] = {kCodePhys, 0};
  uc_ctl_remove_cache(e_.uc(), kElsewhere, kElsewhere + 0x1000);
  EXPECT_EQ(Result(), 2u);
}

TEST_F(StaleCodeFactsTest, FlushTbDropsAll) {
  EXPECT_EQ(Result(), 1u);
  Put(2);
  uc_ctl_flush_tb(e_.uc());
  EXPECT_EQ(Result(), 2u);
}

TEST_F(StaleCodeFactsTest, TranslationsBelongToPhysicalPages) {
  EXPECT_EQ(Result(), 1u);
  e_.Code(absl::MakeConstSpan(x64::ReturnNumber(9)), 0x1000);
  e_.pages[kCode] = {kCodePhys + 0x1000, 0};
  EXPECT_EQ(Result(), 1u) << "the TLB still has the old frame";
  uc_ctl_flush_tlb(e_.uc());
  EXPECT_EQ(Result(), 9u);
  e_.pages[kCode] = {kCodePhys, 0};
  uc_ctl_flush_tlb(e_.uc());
  EXPECT_EQ(Result(), 1u);
}

class GuestStoreFactsTest : public StaleCodeFactsTest {
 protected:
  static constexpr uint64_t kWritable = 0x6000000;  // the same frame

  GuestStoreFactsTest() {
    Load({{0x88, 0x57, 0x01}, x64::kSyscall}, 0x100);  // mov %dl, 1(%rdi)
  }
  void Store(uint64_t va, uint64_t n) {
    e_.Set(UC_X86_REG_RDI, va);
    e_.Set(UC_X86_REG_RDX, n);
    EXPECT_EQ(e_.Run(kCode + 0x100), UC_ERR_OK);
  }
};

TEST_F(GuestStoreFactsTest, OnlyTheFirstThroughAWritableTlbEntryIsSeen) {
  e_.pages[kWritable] = {kCodePhys, UC_PROT_READ | UC_PROT_WRITE};
  EXPECT_EQ(Result(), 1u);
  Store(kWritable, 5);
  EXPECT_EQ(Result(), 5u);
  Store(kWritable, 6);
  EXPECT_EQ(Result(), 5u);
}

TEST_F(GuestStoreFactsTest, AllThroughOneThatMayExecuteAreSeen) {
  e_.pages[kWritable] = {kCodePhys, UC_PROT_ALL};
  EXPECT_EQ(Result(), 1u);
  for (const uint64_t n : {5, 6, 7}) {
    Store(kWritable, n);
    EXPECT_EQ(Result(), n);
  }
}

// --- counting and stopping ---

struct BlockLog {
  unsigned blocks = 0;
  unsigned stop_at = 0;  // 0: never
};
void CountBlock(uc_engine* uc, uint64_t, uint32_t, void* user) {
  auto& log = *static_cast<BlockLog*>(user);
  if (++log.blocks == log.stop_at) {
    uc_emu_stop(uc);
  }
}

class BlockFactsTest : public X86FactsTest {
 protected:
  BlockFactsTest() {
    Load({x64::kDecRcxLoop, x64::kSyscall});
    e_.Set(UC_X86_REG_RCX, 10);
  }
  void Install() {
    uc_hook hook = 0;
    uc_hook_add(e_.uc(), &hook, UC_HOOK_BLOCK,
                reinterpret_cast<void*>(&CountBlock), &log_, 1, 0);
  }
  BlockLog log_;
};

TEST_F(BlockFactsTest, ABlockHookSeesEachRoundOfALoop) {
  Install();
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(log_.blocks, 10u + 1);  // and the system call
}

TEST_F(BlockFactsTest, BlocksTranslatedBeforeTheHookAreNotSeen) {
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  Install();
  e_.Set(UC_X86_REG_RCX, 10);
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(log_.blocks, 0u);
  uc_ctl_flush_tb(e_.uc());
  e_.Set(UC_X86_REG_RCX, 10);
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(log_.blocks, 11u);
}

TEST_F(BlockFactsTest, StoppingInTheHookIsBeforeTheBlocksFirstInstruction) {
  Install();
  log_.stop_at = 4;
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(e_.Get(UC_X86_REG_RCX), 10u - 3);
  EXPECT_EQ(e_.pc(), kCode);
  EXPECT_EQ(e_.syscalls, 0u);
}

// --- user mode on x86 ---

class Ring3FactsTest : public X86FactsTest {
 protected:
  static constexpr uint64_t kGdt = 0x500000, kGdtPhys = 0x30000;
  static constexpr uint64_t kStack = 0x600000, kStackPhys = 0x31000;

  Ring3FactsTest() {
    const uint64_t gdt[] = {0,
                            0,
                            0x00af9b000000ffff,
                            0x00cf93000000ffff,
                            0,
                            0x00cff3000000ffff,
                            0x00affb000000ffff};
    std::memcpy(e_.ram() + kGdtPhys, gdt, sizeof gdt);
    e_.pages[kGdt] = {kGdtPhys, 0};
    e_.pages[kStack] = {kStackPhys, 0};
    e_.pages[kData] = {kDataPhys, 0};
    uc_x86_mmr gdtr = {0, kGdt, sizeof gdt - 1, 0};
    uc_reg_write(e_.uc(), UC_X86_REG_GDTR, &gdtr);
    e_.Set(UC_X86_REG_CS, 0x10);
    e_.Set(UC_X86_REG_SS, 0x18);
    Load({x64::kIretq}, 0xf00);
    uc_context_alloc(e_.uc(), &clean_);
    uc_context_save(e_.uc(), clean_);
  }
  ~Ring3FactsTest() override { uc_context_free(clean_); }

  // Enters ring 3 at `code`, from a clean state unless told otherwise.
  enum class From { kClean, kAsIs };
  uc_err RunInRing3(const x64::Bytes& code, From from = From::kClean) {
    if (from == From::kClean) {
      uc_context_restore(e_.uc(), clean_);
    }
    uc_ctl_flush_tb(e_.uc());
    std::memset(e_.ram() + kCodePhys, 0xf4, 64);
    Load({code});
    const uint64_t frame[] = {kCode, 0x33, 0x202, kStack + 0x800, 0x2b};
    std::memcpy(e_.ram() + kStackPhys + 0x400, frame, sizeof frame);
    e_.Set(UC_X86_REG_RSP, kStack + 0x400);
    e_.Set(UC_X86_REG_RDI, kData);
    e_.Set(UC_X86_REG_RAX, 1);
    e_.Clear();
    return e_.Run(kCode + 0xf00);
  }

  uc_context* clean_ = nullptr;
};

TEST_F(Ring3FactsTest, IretqLowersThePrivilegeAndPrivilegedCodeIsGp) {
  for (const x64::Bytes& code :
       {x64::kHlt, x64::kCli, x64::kMovFromCr3, x64::kInvlpgRdi}) {
    EXPECT_EQ(RunInRing3(code), UC_ERR_OK);
    ASSERT_EQ(e_.interrupts.size(), 1u) << std::hex << int{code[0]};
    EXPECT_EQ(e_.interrupts[0].number, 13u);
    EXPECT_EQ(e_.pc(), kCode);
  }
}

struct PortLog {
  unsigned calls = 0;
  uint64_t pc = 0;
};
uint32_t LogIn(uc_engine* uc, uint32_t, int, void* user) {
  auto& log = *static_cast<PortLog*>(user);
  ++log.calls;
  uc_reg_read(uc, UC_X86_REG_RIP, &log.pc);
  return 0x55;
}

TEST_F(Ring3FactsTest, PortInstructionsRunInRing3AndOnlyAHookSeesThem) {
  EXPECT_EQ(RunInRing3(x64::Cat({x64::kIn, x64::kSyscall})), UC_ERR_OK);
  EXPECT_TRUE(e_.interrupts.empty());
  EXPECT_EQ(e_.syscalls, 1u);
  PortLog log;
  uc_hook hook = 0;
  uc_hook_add(e_.uc(), &hook, UC_HOOK_INSN, reinterpret_cast<void*>(&LogIn),
              &log, 1, 0, UC_X86_INS_IN);
  RunInRing3(x64::Cat({x64::kIn, x64::kSyscall}));
  EXPECT_EQ(log.calls, 1u);
  EXPECT_EQ(log.pc, kCode);
  EXPECT_EQ(e_.Get(UC_X86_REG_RAX) & 0xff, 0x55u);
}

TEST_F(Ring3FactsTest, ThePrivilegeStaysAcrossStopsAndContexts) {
  EXPECT_EQ(RunInRing3(x64::Cat({x64::kSyscall, x64::kHlt})), UC_ERR_OK);
  EXPECT_EQ(e_.syscalls, 1u);
  uc_context* user = nullptr;
  uc_context_alloc(e_.uc(), &user);
  uc_context_save(e_.uc(), user);
  uc_context_restore(e_.uc(), clean_);
  uc_context_restore(e_.uc(), user);
  EXPECT_EQ(e_.Run(e_.pc()), UC_ERR_OK);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 13u);
  uc_context_free(user);
}

TEST_F(Ring3FactsTest, WritingCsThroughTheApiLeavesTheOldPrivilege) {
  e_.Set(UC_X86_REG_SS, 0x2b);
  e_.Set(UC_X86_REG_CS, 0x33);
  Load({x64::kMovFromCr3, x64::kSyscall});
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_TRUE(e_.interrupts.empty());
  EXPECT_EQ(e_.syscalls, 1u);
}

TEST_F(Ring3FactsTest, ASecondGpBecomesADoubleFaultUnlessTheStateIsClean) {
  RunInRing3(x64::kHlt);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 13u);
  RunInRing3(x64::kHlt);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 13u);

  e_.Clear();
  EXPECT_EQ(e_.Run(kCode), UC_ERR_OK);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 8u);
}

TEST_F(Ring3FactsTest, ExceptionsStopOnTheInstructionSoftwareInterruptsAfter) {
  e_.Set(UC_X86_REG_RCX, 0);
  uc_context_save(e_.uc(), clean_);
  RunInRing3(x64::kDivEcx);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 0u);
  EXPECT_EQ(e_.pc(), kCode);
  RunInRing3(x64::kInt3);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 3u);
  EXPECT_EQ(e_.pc(), kCode + 1);
  RunInRing3(x64::kInt80);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 0x80u);
  EXPECT_EQ(e_.pc(), kCode + 2);
}

TEST_F(Ring3FactsTest, UnknownInstructionsEndWithInvalidOnTheInstruction) {
  const x64::Bytes avx = {0xc5, 0xfd, 0x6f, 0xc1};  // vmovdqa %ymm1, %ymm0
  for (const x64::Bytes& code :
       {x64::kUd2, avx, x64::kRdrandRax, x64::kRdseedRax}) {
    EXPECT_EQ(RunInRing3(code), UC_ERR_INSN_INVALID);
    EXPECT_EQ(e_.pc(), kCode);
    EXPECT_TRUE(e_.interrupts.empty());
  }
}

TEST_F(Ring3FactsTest, AReadSelectorIs16BitsOnly) {
  RunInRing3(x64::kSyscall);
  uint64_t cs = 0xaaaaaaaaaaaaaaaa;
  uc_reg_read(e_.uc(), UC_X86_REG_CS, &cs);
  EXPECT_EQ(cs, 0xaaaaaaaaaaaa0033u);
}

// --- CPU models ---

struct Features {
  uint32_t ecx1, edx1, ebx7;
  bool sse42() const { return (ecx1 >> 20 & 1) != 0; }
  bool avx() const { return (ecx1 >> 28 & 1) != 0; }
  bool rdrand() const { return (ecx1 >> 30 & 1) != 0; }
  bool erms() const { return (ebx7 >> 9 & 1) != 0; }
};
Features FeaturesOf(int model) {
  RawEngine e(UC_ARCH_X86, model);
  e.Code(absl::MakeConstSpan(x64::Cat({x64::kCpuid, x64::kSyscall})));
  auto leaf = [&](uint64_t n) {
    e.Set(UC_X86_REG_RAX, n);
    e.Set(UC_X86_REG_RCX, 0);
    EXPECT_EQ(e.Run(), UC_ERR_OK);
  };
  Features f = {};
  leaf(1);
  f.ecx1 = uint32_t(e.Get(UC_X86_REG_RCX));
  f.edx1 = uint32_t(e.Get(UC_X86_REG_RDX));
  leaf(0);
  if (e.Get(UC_X86_REG_RAX) >= 7) {
    leaf(7);
    f.ebx7 = uint32_t(e.Get(UC_X86_REG_RBX));
  }
  return f;
}

TEST(CpuModelFactsTest, WestmereHasSse42AndNothingOfTheHosts) {
  const Features f = FeaturesOf(UC_CPU_X86_WESTMERE);
  EXPECT_TRUE(f.sse42());
  EXPECT_FALSE(f.avx());
  EXPECT_FALSE(f.rdrand());
  EXPECT_FALSE(f.erms());
}

TEST(CpuModelFactsTest, EpycHasNeitherErmsNorAvxButDrawsFromTheHost) {
  const Features f = FeaturesOf(UC_CPU_X86_EPYC);
  EXPECT_FALSE(f.avx());
  EXPECT_FALSE(f.erms());
  EXPECT_TRUE(f.rdrand());
}

TEST(CpuModelFactsTest, TheDefaultModelHasErms) {
  EXPECT_TRUE(FeaturesOf(-1).erms());
}

int Skip(uc_engine* uc, void* user) {
  ++*static_cast<unsigned*>(user);
  const uint64_t value = 7;
  uc_reg_write(uc, UC_X86_REG_RAX, &value);
  return 1;
}

TEST_F(X86FactsTest, TimeStampReadsCanBeHooked) {
  unsigned calls = 0;
  uc_hook hook = 0;
  uc_hook_add(e_.uc(), &hook, UC_HOOK_INSN, reinterpret_cast<void*>(&Skip),
              &calls, 1, 0, UC_X86_INS_RDTSC);
  Load({x64::kRdtsc, x64::kSyscall});
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(e_.Get(UC_X86_REG_RAX), 7u);
  EXPECT_EQ(calls, 1u);
}

// --- forks of the host ---

TEST_F(X86FactsTest, AForkedChildHasAnEngineOfItsOwn) {
  Load({x64::kIncRax, x64::kSyscall});
  e_.Set(UC_X86_REG_RAX, 41);
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  const pid_t child = fork();
  if (child == 0) {
    const bool ok = e_.Run() == UC_ERR_OK && e_.Get(UC_X86_REG_RAX) == 43;
    _exit(ok ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(e_.Get(UC_X86_REG_RAX), 42u);
}

}  // namespace
}  // namespace faultline::engine
