// unicorn_facts_test.cc, for translations of code that has changed since.

#include <gtest/gtest.h>

#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_raw_engine.h"

namespace faultline::engine {
namespace {

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

}  // namespace
}  // namespace faultline::engine
