#include "plugin/engine/kept_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::Prot;

TEST(KeptCodeTest, AFrameMatchesWhatItHeldWhenItWasAskedLast) {
  KeptCode code(mm::PageCount(8), 4096);
  ASSERT_TRUE(code.ok());
  std::vector<std::byte> one(4096, std::byte{1}), two(4096, std::byte{2});
  EXPECT_TRUE(code.Matches(mm::Pfn(7), one)) << "never seen";
  EXPECT_TRUE(code.Matches(mm::Pfn(7), one));
  EXPECT_FALSE(code.Matches(mm::Pfn(7), two));
  EXPECT_TRUE(code.Matches(mm::Pfn(7), two));
  EXPECT_FALSE(code.Matches(mm::Pfn(7), one));
  EXPECT_TRUE(code.Matches(mm::Pfn(0), two)) << "another frame";
}

TEST(KeptCodeTest, ADifferenceInTheLastByteIsOne) {
  KeptCode code(mm::PageCount(1), 4096);
  std::vector<std::byte> bytes(4096);
  EXPECT_TRUE(code.Matches(mm::Pfn(0), bytes));
  bytes.back() = std::byte{1};
  EXPECT_FALSE(code.Matches(mm::Pfn(0), bytes));
}

// Memory is put back under the engine's translations: bytes change without a
// word to it.
class PutBackTest : public testing::TestWithParam<Arch> {
 protected:
  static constexpr uint64_t kCode = TestMachine::kCode;

  // As who puts memory back leaves the machine: what is known of the frame is
  // what it was, and what was loaded is loaded again.
  void PutBack(const TestMachine::Program& program) {
    const mm::Pfn frame = m_.EntryAt(kCode).pfn();
    std::copy(program.begin(), program.end(),
              reinterpret_cast<uint8_t*>(m_.phys().Data(frame)));
    m_.phys().frame(frame).executed = executed_;
    const Cpu::Loaded loaded = m_.cpu().Unload();
    m_.cpu().SwitchTo(loaded.mm, loaded.context);
  }
  uint64_t Call() {
    EXPECT_EQ(m_.RunAt(kCode).kind, Trap::Kind::kSyscall);
    return m_.Value();
  }

  TestMachine m_{GetParam()};
  bool executed_ = false;
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, PutBackTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

TEST_P(PutBackTest, OtherCodeIsTranslatedAnew) {
  ASSERT_TRUE(m_.cpu().KeepTranslations().ok());
  m_.Map(kCode, Prot::RX());
  for (const bool executed : {false, true}) {
    executed_ = executed;  // it was, by then
    for (uint8_t n = 1; n <= 3; ++n) {
      PutBack(m_.ReturnProgram(n));
      EXPECT_EQ(Call(), n);
    }
  }
}

TEST_P(PutBackTest, TheSameCodeIsNot) {
  ASSERT_TRUE(m_.cpu().KeepTranslations().ok());
  m_.Map(kCode, Prot::RX());
  PutBack(m_.ReturnProgram(1));
  EXPECT_EQ(Call(), 1u);
  const uint64_t before = m_.cpu().counters().code_flushes;
  for (int i = 0; i < 3; ++i) {
    PutBack(m_.ReturnProgram(1));
    EXPECT_EQ(Call(), 1u);
  }
  EXPECT_EQ(m_.cpu().counters().code_flushes, before);
}

TEST_P(PutBackTest, WhatALoadFindsIsNotExecutedUnseen) {
  ASSERT_TRUE(m_.cpu().KeepTranslations().ok());
  m_.Map(kCode, Prot::RX());
  executed_ = true;
  PutBack(m_.ReturnProgram(1));
  EXPECT_EQ(Call(), 1u);
  PutBack(m_.ReturnProgram(2));
  // A load of the page comes before the fetch.
  const uint64_t reader = TestMachine::kData;
  m_.Map(reader, Prot::RWX());
  m_.Poke(reader, m_.kStoreLoadProgram);
  m_.SetPointer(kCode);
  (void)m_.RunAt(reader + m_.store_bytes());
  EXPECT_EQ(Call(), 2u);
}

}  // namespace
}  // namespace faultline::engine
