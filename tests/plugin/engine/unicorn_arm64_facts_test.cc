// unicorn_facts_test.cc, for what arm64 alone has: exception levels, memory
// tagging, system registers.

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_raw_engine.h"

namespace faultline::engine {
namespace {

constexpr uint64_t kCode = RawEngine::kCode;
constexpr uint64_t kCodePhys = RawEngine::kCodePhys;
constexpr uint64_t kData = 0x10000000, kDataPhys = 0x20000;

class El0FactsTest : public testing::Test {
 protected:
  El0FactsTest() {
    e_.pages[kData] = {kDataPhys, 0};
    Load({a64::kMsrElrX10, a64::kMsrSpsrX11, a64::kEret}, 0xf00);
    Load({a64::kMsrSctlrX0, a64::kIsb, a64::kSvc}, 0xf40);
    uc_context_alloc(e_.uc(), &clean_);
    uc_context_save(e_.uc(), clean_);
  }
  ~El0FactsTest() override { uc_context_free(clean_); }

  void Load(std::initializer_list<uint32_t> words, uint64_t offset = 0) {
    e_.Code(absl::MakeConstSpan(words.begin(), words.size()), offset);
  }
  // Sets SCTLR_EL1 bits for the runs to come.
  void SetSctlr(uint64_t bits) {
    uc_context_restore(e_.uc(), clean_);
    e_.Set(UC_ARM64_REG_X0, bits);
    EXPECT_EQ(e_.Run(kCode + 0xf40), UC_ERR_OK);
    uc_context_save(e_.uc(), clean_);
  }
  // Runs `insn` and then svc at EL0; x0 points to data.
  uc_err RunAtEl0(uint32_t insn) {
    uc_context_restore(e_.uc(), clean_);
    uc_ctl_flush_tb(e_.uc());
    Load({insn, a64::kSvc});
    e_.Set(UC_ARM64_REG_X10, kCode);
    e_.Set(UC_ARM64_REG_X11, 0);
    e_.Set(UC_ARM64_REG_X0, kData);
    e_.Clear();
    return e_.Run(kCode + 0xf00);
  }
  // The exception that `insn` raised at EL0 on itself; 0: it ran.
  uint32_t ExceptionOf(uint32_t insn) {
    EXPECT_EQ(RunAtEl0(insn), UC_ERR_OK);
    if (e_.interrupts.size() != 1) {
      ADD_FAILURE() << "no exception at all";
      return 99;
    }
    const RawEngine::Interrupt i = e_.interrupts[0];
    if (i.number == 2) {
      EXPECT_EQ(i.pc, kCode + 8);
      return 0;
    }
    EXPECT_EQ(i.pc, kCode);
    return i.number;
  }

  RawEngine e_{UC_ARCH_ARM64, UC_CPU_ARM64_MAX};
  uc_context* clean_ = nullptr;
};

TEST_F(El0FactsTest, EretLowersThePrivilegeAndPrivilegedCodeIsUndefined) {
  for (const uint32_t insn :
       {a64::kMsrSctlrX0, a64::kTlbiX0, a64::kMsrDaifset, a64::kMrsX1Midr}) {
    EXPECT_EQ(ExceptionOf(insn), 1u) << std::hex << insn;
  }
}

TEST_F(El0FactsTest, WritingPstateThroughTheApiLeavesTheOldPrivilege) {
  e_.Set(UC_ARM64_REG_PSTATE, 0x40000000);
  Load({a64::kMrsX1Midr, a64::kSvc});
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 2u);
}

TEST_F(El0FactsTest, SctlrGivesCacheMaintenanceToEl0) {
  constexpr uint64_t kUct = 1 << 15, kUci = 1 << 26, kDze = 1 << 14;
  EXPECT_EQ(ExceptionOf(a64::kMrsX1Ctr), 1u);
  EXPECT_EQ(ExceptionOf(a64::kDcZvaX0), 1u);
  EXPECT_EQ(ExceptionOf(a64::kDcCvauX0), 1u);
  SetSctlr(kUct | kUci | kDze);
  EXPECT_EQ(ExceptionOf(a64::kMrsX1Ctr), 0u);
  EXPECT_EQ(ExceptionOf(a64::kDcZvaX0), 0u);
  EXPECT_EQ(ExceptionOf(a64::kDcCvauX0), 0u);
  EXPECT_EQ(ExceptionOf(a64::kIcIvauX0), 0u);
}

TEST_F(El0FactsTest, CallsStopAfterBreakpointsAndUnknownOn) {
  EXPECT_EQ(ExceptionOf(a64::kNop), 0u);
  EXPECT_EQ(ExceptionOf(a64::kBrk7), 7u);
  EXPECT_EQ(ExceptionOf(a64::kHlt1), 1u);
  EXPECT_EQ(ExceptionOf(a64::kUdf), 1u);
}

TEST_F(El0FactsTest, IdRegistersTrapAsUndefined) {
  EXPECT_EQ(ExceptionOf(a64::kMrsX1Isar0), 1u);
}

TEST_F(El0FactsTest, CountersTrapUntilTheKernelLetsThemShowTheHost) {
  EXPECT_EQ(ExceptionOf(a64::kMrsX1Cntvct), 1u);
  EXPECT_EQ(ExceptionOf(a64::kMrsX1Pmccntr), 1u);
}

TEST_F(El0FactsTest, AJumpToAnOddAddressIsUndefinedThere) {
  RunAtEl0(a64::kNop);
  uc_context_restore(e_.uc(), clean_);
  Load({a64::kAddX0One, a64::kBrX0});
  uc_ctl_flush_tb(e_.uc());
  e_.Set(UC_ARM64_REG_X0, kCode);
  e_.Clear();
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  ASSERT_EQ(e_.interrupts.size(), 1u);
  EXPECT_EQ(e_.interrupts[0].number, 1u);
  EXPECT_EQ(e_.interrupts[0].pc, kCode + 1);
}

TEST_F(El0FactsTest, WfiEndsTheRunForNoReason) {
  constexpr uint64_t kNtwi = 1 << 16;
  SetSctlr(kNtwi);
  EXPECT_EQ(RunAtEl0(a64::kWfi), UC_ERR_OK);
  EXPECT_TRUE(e_.interrupts.empty());
  EXPECT_EQ(e_.pc(), kCode + 4);
}

TEST_F(El0FactsTest, EveryTaggingInstructionRaisesUndefinedOnItself) {
  for (const a64::NamedInsn& insn : a64::kMte) {
    EXPECT_EQ(ExceptionOf(insn.word), 1u) << insn.name;
  }
}

uint32_t LogMrs(uc_engine*, uc_arm64_reg, const uc_arm64_cp_reg* reg,
                void* user) {
  static_cast<std::vector<uc_arm64_cp_reg>*>(user)->push_back(*reg);
  return 0;
}

TEST_F(El0FactsTest, RndrRunsAtEl0AndOnlyAnMrsHookSeesIt) {
  EXPECT_EQ(ExceptionOf(a64::kMrsX1Rndr), 0u);
  std::vector<uc_arm64_cp_reg> log;
  uc_hook hook = 0;
  uc_hook_add(e_.uc(), &hook, UC_HOOK_INSN, reinterpret_cast<void*>(&LogMrs),
              &log, 1, 0, UC_ARM64_INS_MRS);
  EXPECT_EQ(ExceptionOf(a64::kMrsX1Rndr), 0u);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].op0, 3u);
  EXPECT_EQ(log[0].op1, 3u);
  EXPECT_EQ(log[0].crn, 2u);
  EXPECT_EQ(log[0].crm, 4u);
  EXPECT_EQ(log[0].op2, 0u);
}

// Tag checks at full speed rest on this: a page is filled with an alias of its
// frame, physical memory that nobody may touch, and accesses to it reach the
// hook. RAM mapped twice will not do: loads reach it once. A device range
// whose callbacks go to RAM will.
class AliasFactsTest : public testing::Test {
 protected:
  static constexpr uint64_t kAlias = uint64_t{1} << 32;
  struct Access {
    uc_mem_type type;
    uint64_t address;
    int size;
    uint64_t pc;
  };

  AliasFactsTest() {
    const std::array<uint32_t, 4> code = {a64::kNop, a64::kStrX2X0,
                                          a64::kLdrX3X0, a64::kSvc};
    e_.Code(absl::MakeConstSpan(code));
    e_.pages[kData] = {kAlias + kDataPhys, 0};
    e_.Set(UC_ARM64_REG_X0, kData + 0x40);
    e_.Set(UC_ARM64_REG_X2, 0x1234);
  }
  void MapRamTwice() {
    ASSERT_EQ(uc_mem_map_ptr(e_.uc(), kAlias, RawEngine::kRamBytes,
                             UC_PROT_NONE, e_.ram()),
              UC_ERR_OK);
    AddHook();
  }
  void MapDevice() {
    ASSERT_EQ(uc_mmio_map(e_.uc(), kAlias, RawEngine::kRamBytes, &ReadDevice,
                          this, &WriteDevice, this),
              UC_ERR_OK);
    ASSERT_EQ(
        uc_mem_protect(e_.uc(), kAlias, RawEngine::kRamBytes, UC_PROT_NONE),
        UC_ERR_OK);
    AddHook();
  }
  void AddHook() {
    uc_hook hook = 0;
    uc_hook_add(e_.uc(), &hook, UC_HOOK_MEM_READ_PROT | UC_HOOK_MEM_WRITE_PROT,
                reinterpret_cast<void*>(&OnAccess), this, kAlias,
                kAlias + RawEngine::kRamBytes - 1);
  }
  static bool OnAccess(uc_engine*, uc_mem_type type, uint64_t address, int size,
                       int64_t, void* user) {
    auto& t = *static_cast<AliasFactsTest*>(user);
    t.accesses_.push_back({type, address, size, t.e_.pc()});
    return t.allow_;
  }
  static uint64_t ReadDevice(uc_engine*, uint64_t at, unsigned size,
                             void* user) {
    uint64_t value = 0;
    std::memcpy(&value, static_cast<AliasFactsTest*>(user)->e_.ram() + at,
                size);
    return value;
  }
  static void WriteDevice(uc_engine*, uint64_t at, unsigned size,
                          uint64_t value, void* user) {
    std::memcpy(static_cast<AliasFactsTest*>(user)->e_.ram() + at, &value,
                size);
  }

  RawEngine e_{UC_ARCH_ARM64, UC_CPU_ARM64_MAX};
  std::vector<Access> accesses_;
  bool allow_ = true;
};

TEST_F(AliasFactsTest, OfRamMappedTwiceStoresAreSeenAlwaysLoadsOnFillOnly) {
  MapRamTwice();
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  ASSERT_EQ(accesses_.size(), 2u);
  EXPECT_EQ(accesses_[0].type, UC_MEM_WRITE_PROT);
  EXPECT_EQ(accesses_[1].type, UC_MEM_WRITE_PROT);
}

TEST_F(AliasFactsTest, OfADeviceEveryAccessIsSeenWithAddressSizeAndPc) {
  MapDevice();
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  ASSERT_EQ(accesses_.size(), 4u);
  for (const size_t i : {0, 2}) {
    EXPECT_EQ(accesses_[i].type, UC_MEM_WRITE_PROT);
    EXPECT_EQ(accesses_[i].address, kAlias + kDataPhys + 0x40);
    EXPECT_EQ(accesses_[i].size, 8);
    EXPECT_EQ(accesses_[i].pc, kCode + 4);
    EXPECT_EQ(accesses_[i + 1].type, UC_MEM_READ_PROT);
    EXPECT_EQ(accesses_[i + 1].pc, kCode + 8);
  }
  EXPECT_EQ(e_.Get(UC_ARM64_REG_X3), 0x1234u) << "allowed ones take place";
  EXPECT_EQ(e_.FillsOf(kData), 1u);
}

TEST_F(AliasFactsTest, SayingNoIsAPreciseFault) {
  MapDevice();
  allow_ = false;
  EXPECT_EQ(e_.Run(), UC_ERR_WRITE_PROT);
  EXPECT_EQ(e_.pc(), kCode + 4);
  EXPECT_EQ(e_.ram()[kDataPhys + 0x40], 0);
  EXPECT_EQ(e_.Run(kCode + 8), UC_ERR_READ_PROT);
  EXPECT_EQ(e_.pc(), kCode + 8);
}

TEST_F(AliasFactsTest, OrdinaryPagesDoNotReachTheHook) {
  MapDevice();
  e_.pages[kData] = {kDataPhys, 0};
  EXPECT_EQ(e_.Run(), UC_ERR_OK);
  EXPECT_TRUE(accesses_.empty());
}

}  // namespace
}  // namespace faultline::engine
