// unicorn_facts_test.cc, for what x86 alone has: rings, exceptions, ports.

#include <gtest/gtest.h>

#include <cstring>

#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_raw_engine.h"

namespace faultline::engine {
namespace {

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

}  // namespace
}  // namespace faultline::engine
