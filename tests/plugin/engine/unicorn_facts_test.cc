// What the rest of plugin/engine takes for granted of Unicorn, each fact a
// test of its own, so that another version tells by itself what has changed.
// Nothing of ours is under test here. Speeds are in tests/bench. The facts of
// this file: the version, CPU models, counting and stopping, forks of the host;
// the unicorn_*_facts_test.cc beside it have the others.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_raw_engine.h"

namespace faultline::engine {
namespace {

TEST(UnicornFactsTest, TheVersionIsTheOneTheseFactsAreOf) {
  EXPECT_EQ(uc_version(nullptr, nullptr) >> 8, 0x020104u);
}

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
