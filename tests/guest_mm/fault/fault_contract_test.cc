// The contract of a fault's end: a handler that breaks it does not get away.

#include "guest_mm/fault/fault_contract.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/file/backing.h"
#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 0x1000, kBase = 0x10000000;
constexpr LockClass kOuterLock{
    "test.outer", {"test.outer.locked"}, {"test.outer.unlocked"}, 45};

// Reads pages of zeros, and does something else besides.
class OddBacking final : public Backing {
 public:
  std::function<void()> also;
  ErrnoOr<Done> ReadPage(uint64_t, absl::Span<std::byte>) override {
    also();
    return kDone;
  }
  ErrnoOr<Done> WritePage(uint64_t, absl::Span<const std::byte>) override {
    return kDone;
  }
};

class OddFile final : public MappedFile {
 public:
  OddFile(PhysMem& phys, std::unique_ptr<Backing> backing)
      : mapping_(phys, Mapping::Kind::kRegular, std::move(backing)) {
    mapping_.Resize(kPage);
  }
  Mapping& mapping() override { return mapping_; }
  std::string MapsName() const override { return "/odd"; }
  uint32_t dev_major() const override { return 0; }
  uint32_t dev_minor() const override { return 1; }
  uint64_t ino() const override { return 1; }

 private:
  Mapping mapping_;
};

class FaultContractTest : public testing::TestWithParam<const ArchOps*> {
 protected:
  // One load from a mapping of a file whose read does `also` besides.
  void LoadWhile(std::function<void(AddressSpace&)> also) {
    TestMachine m(*GetParam());
    AddressSpace& mm = m.NewSpace();
    auto backing = std::make_unique<OddBacking>();
    backing->also = [&] { also(mm); };
    m.Map(mm, kBase, kPage, Prot::R(), {},
          std::make_shared<OddFile>(m.phys(), std::move(backing)));
    Scheduler scheduler(MakeRoundRobin());
    scheduler.Spawn(
        "thread", [&] { HandlePageFault(mm, {.address = GuestAddr(kBase)}); });
    EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    EXPECT_EQ(m.system().counters().outcomes[0], 1u);
  }
};
using FaultContractDeathTest = FaultContractTest;
INSTANTIATE_TEST_SUITE_P(Archs, FaultContractTest,
                         testing::Values(&x86::Ops(), &arm64::Ops()),
                         [](const auto& p) {
                           return std::string(p.param->name());
                         });
INSTANTIATE_TEST_SUITE_P(Archs, FaultContractDeathTest,
                         testing::Values(&x86::Ops(), &arm64::Ops()),
                         [](const auto& p) {
                           return std::string(p.param->name());
                         });

TEST_P(FaultContractTest, AGoodHandlerKeepsIt) {
  bool read = false;
  LoadWhile([&](AddressSpace&) { read = true; });
  EXPECT_TRUE(read);
}

TEST_P(FaultContractDeathTest, ALockThatIsKeptIsFound) {
  Lock lock(kOuterLock);
  EXPECT_DEATH(LoadWhile([&](AddressSpace&) { lock.Acquire(); }),
               "locks_as_told");
}

TEST_P(FaultContractDeathTest, AMmapLockThatIsGivenBackUntoldIsFound) {
  EXPECT_DEATH(
      LoadWhile([](AddressSpace& mm) { mm.mmap_lock().ReadRelease(); }),
      "locks_as_told");
}

TEST_P(FaultContractDeathTest, EndsThatContradictThemselvesAreFound) {
  TestMachine m(*GetParam());
  AddressSpace& mm = m.NewSpace();
  const FaultContract contract;
  contract.CheckRound(mm, VmFaultResult::Done());
  contract.CheckRound(mm, VmFaultResult::Poisoned(PageShift(12)));
  VmFaultResult major_error = VmFaultResult::Of(VmFaultResult::Kind::kSegv);
  major_error.major = true;
  EXPECT_DEATH(contract.CheckRound(mm, major_error), "major");
  EXPECT_DEATH(contract.CheckRound(
                   mm, VmFaultResult::Of(VmFaultResult::Kind::kHwPoison)),
               "lsb");
}

TEST_P(FaultContractDeathTest, EachModeGetsOnlyItsOwnAnswers) {
  using Kind = PageFaultOutcome::Kind;
  const FaultContract contract;
  const Fault user{.mode = Mode::kUser}, kernel{.mode = Mode::kKernel};
  contract.CheckFault(user, {.kind = Kind::kBadArea});
  contract.CheckFault(kernel, {.kind = Kind::kKernelFixup});
  EXPECT_DEATH(contract.CheckFault(user, {.kind = Kind::kKernelFixup}),
               "kKernelFixup");
  EXPECT_DEATH(contract.CheckFault(kernel, {.kind = Kind::kSignal}),
               "kKernelFixup");
}

}  // namespace
}  // namespace faultline::mm
