// Who looks at what is executed: counts are exact whatever comes in between.
// Covers: plugin/engine/watch_plans.cc plugin/engine/watched_access.cc

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "guest_mm/base/check.h"
#include "plugin/engine/cpu.h"
#include "plugin/engine/cpu_watch.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;
constexpr uint64_t kAlias = kData + 0x100000;

// Of the few instructions that the programs here are made of.
uint32_t LengthOf(Arch arch, const uint8_t* code) {
  if (arch == Arch::kArm64) {
    return 4;
  }
  switch (code[0]) {
    case 0x48:  // REX.W: a store, a load, dec
      return 3;
    case 0xba:  // mov edx, imm32
      return 5;
    case 0x0f:  // syscall
    case 0x75:  // jnz
    case 0xf3:  // rep stosb
      return 2;
    default:
      FL_CHECK(false);
      return 0;
  }
}

class Recorder : public CpuWatch {
 public:
  enum class Way { kSums, kCalls, kAccesses };
  Recorder(Arch arch, Way way) : arch_(arch), way_(way) {}

  void OnTranslate(WatchPlan& plan) override {
    ++translations;
    for (uint64_t at = 0; at < plan.code().size();) {
      const uint8_t* const code = plan.code().data() + at;
      WatchedInsn insn{.address = plan.pc() + at,
                       .bytes = LengthOf(arch_, code)};
      insn.iterates = arch_ == Arch::kX86 && code[0] == 0xf3;
      insn.adds.push_back({.base = &base_, .offset = 0, .value = 1});
      insn.calls = way_ == Way::kCalls;
      insn.accesses = way_ == Way::kAccesses;
      plan.insns.push_back(insn);
      at += insn.bytes;
    }
    plan.adds.push_back({.base = &base_, .offset = 8, .value = 1});
  }
  void OnBlock(const WatchPlan&) override { ADD_FAILURE(); }
  void OnInstruction(const WatchPlan& plan, size_t i) override {
    plan.insns[i].adds[0].Do();
  }
  void OnAccess(const WatchPlan&, size_t, const WatchedAccess& a) override {
    accesses.push_back(a);
  }
  std::vector<uint64_t> OperandsOf(const WatchPlan&,
                                   const WatchedInsn&) override {
    ++asked;
    return operands;
  }
  bool WantsPlansDropped() override { return std::exchange(drop, false); }
  void OnPlansDropped() override { ++dropped; }
  void OnLoad(const CpuContext&) override {}
  void OnGone(const CpuContext&) override {}

  uint64_t insns() const { return cells_[0]; }
  uint64_t blocks() const { return cells_[1]; }
  std::vector<WatchedAccess> accesses{};
  std::vector<uint64_t> operands{};
  int translations = 0, asked = 0, dropped = 0;
  bool drop = false;

 private:
  Arch arch_;
  Way way_;
  uint64_t cells_[2] = {};
  std::byte* base_ = reinterpret_cast<std::byte*>(cells_);
};
using Way = Recorder::Way;

class WatchingTest : public testing::TestWithParam<Arch> {
 protected:
  void Watch(Way way) {
    watch_ = std::make_unique<Recorder>(GetParam(), way);
    m_.cpu().set_watch(watch_.get());
  }
  std::unique_ptr<Recorder> watch_;  // gone after the machine
  TestMachine m_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, WatchingTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

TEST_P(WatchingTest, CountsALoop) {
  Watch(Way::kSums);
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(100);
  ASSERT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  EXPECT_EQ(watch_->insns(), 2 * 100 + 1u);
  EXPECT_EQ(watch_->blocks(), 100 + 1u);
}

TEST_P(WatchingTest, CountsTheSameByCalls) {
  Watch(Way::kCalls);
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(100);
  ASSERT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  EXPECT_EQ(watch_->insns(), 2 * 100 + 1u);
  EXPECT_EQ(watch_->blocks(), 100 + 1u);
}

TEST_P(WatchingTest, ASliceEndsBetweenTwoBlocks) {
  Watch(Way::kSums);
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(100);
  m_.cpu().set_pc(kCode);
  int slices = 0;
  while (m_.cpu().Run(7).kind == Kind::kSlice) {
    ++slices;
    EXPECT_EQ(m_.cpu().blocks_run(), 7u);
  }
  EXPECT_EQ(slices, 14);
  EXPECT_EQ(watch_->insns(), 2 * 100 + 1u);
}

TEST_P(WatchingTest, AnInstructionThatFaultsCountsAndNoneAfterIt) {
  for (const Way way : {Way::kSums, Way::kCalls}) {
    Recorder watch(GetParam(), way);
    TestMachine m(GetParam());
    m.cpu().set_watch(&watch);
    m.Load(m.kStoreLoadProgram);
    m.SetPointer(kData);
    ASSERT_EQ(m.RunAt(kCode).kind, Kind::kPageFault);
    EXPECT_EQ(watch.insns(), 1u);
    m.Map(kData, Prot::RW());
    ASSERT_EQ(m.cpu().Run(0).kind, Kind::kSyscall);
    EXPECT_EQ(watch.insns(), 1 + 3u);
  }
}

// The engine makes a store again that changes what is executed elsewhere.
TEST_P(WatchingTest, AnInstructionThatTheEngineRepeatsCountsOnce) {
  for (const Way way : {Way::kSums, Way::kCalls, Way::kAccesses}) {
    Recorder watch(GetParam(), way);
    TestMachine m(GetParam());
    m.cpu().set_watch(&watch);
    const mm::Pfn frame = m.Map(kData, Prot::RX());
    m.Poke(kData, m.ReturnProgram(1));
    ASSERT_EQ(m.RunAt(kData).kind, Kind::kSyscall);
    EXPECT_EQ(watch.insns(), 2u);
    m.MapFrame(m.space(), kAlias, frame, m.Flags(Prot::RW()));
    m.Load(m.kStoreLoadProgram);
    m.SetPointer(kAlias + 0x800);
    ASSERT_EQ(m.RunAt(kCode).kind, Kind::kSyscall);
    EXPECT_EQ(watch.insns(), 2 + 3u) << int(way);
    EXPECT_EQ(watch.blocks(), 2u);
  }
}

TEST_P(WatchingTest, CodeThatHasChangedIsTranslatedAgain) {
  Watch(Way::kSums);
  m_.Load(m_.ReturnProgram(1));
  ASSERT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  ASSERT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  EXPECT_EQ(watch_->translations, 1);
  const mm::Pfn frame = m_.EntryAt(kCode).pfn();
  m_.Poke(kCode, m_.ReturnProgram(2));
  m_.cpu().FlushCode(frame);
  ASSERT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Value(), 2u);
  EXPECT_EQ(watch_->translations, 2);
  EXPECT_EQ(watch_->insns(), 3 * 2u);
}

TEST_P(WatchingTest, PlansAreDroppedWhenTheWatcherWantsIt) {
  Watch(Way::kSums);
  m_.Load(m_.ReturnProgram(1));
  m_.RunAt(kCode);
  watch_->drop = true;
  m_.RunAt(kCode);
  EXPECT_EQ(watch_->dropped, 1);
  EXPECT_EQ(watch_->translations, 2);
  EXPECT_EQ(watch_->insns(), 2 * 2u);
}

TEST_P(WatchingTest, AccessesAreToldWithAddressAndValue) {
  Watch(Way::kAccesses);
  const mm::Pfn frame = m_.Map(kData, Prot::RW());
  m_.Load(m_.kStoreLoadProgram);
  m_.SetPointer(kData + 0x18);
  m_.SetValue(77);
  ASSERT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  ASSERT_EQ(watch_->accesses.size(), 2u);
  for (const bool store : {true, false}) {
    const WatchedAccess& a = watch_->accesses[store ? 0 : 1];
    EXPECT_EQ(a.store, store);
    EXPECT_EQ(a.address, kData + 0x18);
    EXPECT_EQ(a.physical.value(), frame.value() * 4096 + 0x18);
    EXPECT_EQ(a.bytes, 8u);
    EXPECT_EQ(a.value[0], 77u);
  }
}

TEST_P(WatchingTest, AnAccessThatFaultsIsNotTold) {
  Watch(Way::kAccesses);
  m_.Map(kData, Prot::RW());  // and nothing after it
  m_.Load(m_.kStoreLoadProgram);
  m_.SetPointer(kData + 4096 - 4);
  ASSERT_EQ(m_.RunAt(kCode).kind, Kind::kPageFault);
  EXPECT_TRUE(watch_->accesses.empty());
  m_.Map(kData + 4096, Prot::RW());
  ASSERT_EQ(m_.cpu().Run(0).kind, Kind::kSyscall);
  ASSERT_EQ(watch_->accesses.size(), 2u);
  EXPECT_EQ(watch_->accesses[0].address, kData + 4096 - 4);
}

TEST_P(WatchingTest, OneFrameAtTwoPagesIsToldApartByTheOperands) {
  Watch(Way::kAccesses);
  const mm::Pfn frame = m_.Map(kData, Prot::RW());
  m_.MapFrame(m_.space(), kAlias, frame, m_.Flags(Prot::RW()));
  m_.Load(m_.kStoreLoadProgram);
  for (const uint64_t at : {kData, kAlias, kData}) {
    m_.SetPointer(at);
    watch_->operands = {at};
    watch_->accesses.clear();
    ASSERT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
    ASSERT_EQ(watch_->accesses.size(), 2u);
    EXPECT_EQ(watch_->accesses[0].address, at);
    EXPECT_EQ(watch_->accesses[1].address, at);
  }
  EXPECT_GT(watch_->asked, 0);
}

// As QEMU has it: once, and once more whenever the counter's lower half is 0.
TEST(WatchingX86Test, AStringInstructionCountsOnceForAllItsIterations) {
  for (const Way way : {Way::kSums, Way::kCalls}) {
    Recorder watch(Arch::kX86, way);
    TestMachine m(Arch::kX86);
    m.cpu().set_watch(&watch);
    m.Map(kData, Prot::RW());
    m.Load({0xf3, 0xaa, 0x0f, 0x05});  // rep stosb; syscall
    for (const uint64_t n : {0, 1, 1000}) {
      const uint64_t before = watch.insns();
      m.SetPointer(kData);
      m.SetCounter(n);
      ASSERT_EQ(m.RunAt(kCode).kind, Kind::kSyscall);
      EXPECT_EQ(watch.insns() - before, 2u) << n;
    }
    const uint64_t before = watch.insns();
    m.SetPointer(kData);
    m.SetCounter(3000);
    m.cpu().set_pc(kCode);
    while (m.cpu().Run(100).kind == Kind::kSlice) {
    }
    EXPECT_EQ(watch.insns() - before, 2u) << "in slices";
  }
}

}  // namespace
}  // namespace faultline::engine
