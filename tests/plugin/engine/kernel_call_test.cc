// The guest kernel image's routines, run over pages mapped by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::Access;
using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;
constexpr uint64_t kPage = 4096;
constexpr uint64_t kEFAULT = uint64_t(-14);

class KernelCallTest : public testing::TestWithParam<Arch> {
 protected:
  KernelCallTest() : kernel_(m_.cpu().NewKernelContext()) {
    for (size_t i = 0; i < Buffer().size(); ++i) {
      Buffer()[i] = std::byte(i + 1);
    }
  }

  absl::Span<std::byte> Buffer() { return kernel_->memory().buffer; }
  uint64_t buffer() const { return kernel_->memory().buffer_address; }
  std::byte* Page(uint64_t va) { return m_.phys().Data(m_.EntryAt(va).pfn()); }

  // Nothing can be done about any fault.
  Cpu::KernelResult Call(KernelRoutine routine, uint64_t a = 0, uint64_t b = 0,
                         uint64_t c = 0) {
    Cpu& cpu = m_.cpu();
    cpu.SwitchTo(&m_.space(), kernel_.get());
    cpu.BeginKernelCall(*kernel_, {routine, {a, b, c}});
    for (;;) {
      const Trap trap = cpu.RunKernel();
      if (trap.kind == Kind::kSyscall) {
        return cpu.ReadKernelResult();
      }
      EXPECT_EQ(trap.kind, Kind::kPageFault);
      EXPECT_EQ(trap.mode, mm::Mode::kKernel);
      ++faults_;
      if (!cpu.FixUpKernelFault()) {
        ADD_FAILURE() << "no fix-up at " << std::hex << cpu.pc();
        return {};
      }
    }
  }

  TestMachine m_{GetParam()};
  std::unique_ptr<KernelContext> kernel_;
  int faults_ = 0;
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, KernelCallTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

// Claim P4: a copy goes up to the byte that faults, wherever it begins, and
// asks for that byte once.
TEST_P(KernelCallTest, ACopyGoesUpToTheFault) {
  m_.Map(kData, Prot::RW());
  for (uint64_t room = 0; room < 90; ++room) {
    for (uint64_t from = 0; from < 8; ++from) {
      const uint64_t to = kData + kPage - room;
      constexpr uint64_t kBytes = 100;
      std::fill_n(Page(kData), kPage, std::byte{0});
      faults_ = 0;
      const Cpu::KernelResult copied =
          Call(KernelRoutine::kCopyToUser, to, buffer() + from, kBytes);
      ASSERT_EQ(copied.value, kBytes - room) << room << " from " << from;
      ASSERT_EQ(faults_, 1);
      ASSERT_TRUE(std::equal(Page(kData) + kPage - room, Page(kData) + kPage,
                             Buffer().begin() + from));
      ASSERT_TRUE(std::all_of(Page(kData), Page(kData) + kPage - room,
                              [](std::byte b) { return b == std::byte{0}; }));

      std::fill(Buffer().begin() + 1024, Buffer().end(), std::byte{0});
      ASSERT_EQ(
          Call(KernelRoutine::kCopyFromUser, buffer() + 1024 + from, to, kBytes)
              .value,
          kBytes - room);
      ASSERT_TRUE(std::equal(Page(kData) + kPage - room, Page(kData) + kPage,
                             Buffer().begin() + 1024 + from));
      ASSERT_EQ(Buffer()[1024 + from + room], std::byte{0});
      ASSERT_EQ(Call(KernelRoutine::kClearUser, to, kBytes).value,
                kBytes - room);
      ASSERT_TRUE(std::all_of(Page(kData), Page(kData) + kPage,
                              [](std::byte b) { return b == std::byte{0}; }));
    }
  }
}

TEST_P(KernelCallTest, ACopyOfEverySizeIsWhole) {
  m_.Map(kData, Prot::RW());
  for (uint64_t bytes = 0; bytes < 300; ++bytes) {
    const uint64_t to = kData + bytes % 11;
    std::fill_n(Page(kData), kPage, std::byte{0});
    ASSERT_EQ(
        Call(KernelRoutine::kCopyToUser, to, buffer() + bytes % 5, bytes).value,
        0u);
    std::byte* const copy = Page(kData) + bytes % 11;
    ASSERT_TRUE(std::equal(copy, copy + bytes, Buffer().begin() + bytes % 5));
    ASSERT_EQ(copy[bytes], std::byte{0});
  }
  EXPECT_EQ(faults_, 0);
}

TEST_P(KernelCallTest, AFaultIsTriedAgainWhereItWas) {
  m_.Map(kData, Prot::RW());
  Cpu& cpu = m_.cpu();
  cpu.SwitchTo(&m_.space(), kernel_.get());
  cpu.BeginKernelCall(
      *kernel_, {KernelRoutine::kCopyToUser, {kData + kPage - 4, buffer(), 8}});
  const Trap trap = cpu.RunKernel();
  ASSERT_EQ(trap.kind, Kind::kPageFault);
  EXPECT_EQ(trap.address, mm::GuestAddr(kData + kPage));
  EXPECT_EQ(trap.access, Access::kWrite);
  EXPECT_FALSE(trap.was_present);
  EXPECT_EQ(cpu.LocateFault(trap), mm::GuestAddr(kData + kPage));

  // A task runs meanwhile, and another routine.
  m_.Load(m_.ReturnProgram(7));
  cpu.SwitchTo(&m_.space(), &m_.context());
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Value(), 7u);
  const std::unique_ptr<KernelContext> other = cpu.NewKernelContext();
  EXPECT_NE(other->memory().buffer_address, buffer());
  cpu.SwitchTo(&m_.space(), other.get());
  cpu.BeginKernelCall(*other, {KernelRoutine::kGetUser4, {kData + kPage - 4}});
  EXPECT_EQ(cpu.RunKernel().kind, Kind::kSyscall);
  EXPECT_EQ(cpu.ReadKernelResult().second, 0x04030201u);

  m_.Map(kData + kPage, Prot::RW());
  cpu.SwitchTo(&m_.space(), kernel_.get());
  EXPECT_EQ(cpu.RunKernel().kind, Kind::kSyscall);
  EXPECT_EQ(cpu.ReadKernelResult().value, 0u);
  EXPECT_EQ(Page(kData + kPage)[0], std::byte{5});
}

TEST_P(KernelCallTest, AWordIsWholeOrNotThere) {
  m_.Map(kData, Prot::RW());
  const uint64_t across = kData + kPage - 3;
  for (const auto& [get, put, bytes] :
       {std::tuple(KernelRoutine::kGetUser1, KernelRoutine::kPutUser1, 1u),
        std::tuple(KernelRoutine::kGetUser2, KernelRoutine::kPutUser2, 2u),
        std::tuple(KernelRoutine::kGetUser4, KernelRoutine::kPutUser4, 4u),
        std::tuple(KernelRoutine::kGetUser8, KernelRoutine::kPutUser8, 8u)}) {
    const uint64_t value = 0xf1f2f3f4f5f6f7f8 >> (64 - 8 * bytes);
    EXPECT_EQ(Call(put, kData + 5, value).value, 0u);
    const Cpu::KernelResult got = Call(get, kData + 5);
    EXPECT_EQ(got.value, 0u);
    EXPECT_EQ(got.second, value);
    if (bytes > 2) {
      EXPECT_EQ(Call(put, across, value).value, kEFAULT);
      EXPECT_EQ(Page(kData)[kPage - 3], std::byte{0}) << "torn";
      EXPECT_EQ(Call(get, across).value, kEFAULT);
    }
  }
}

TEST_P(KernelCallTest, AWordIsExchangedIfItIsAsExpected) {
  m_.Map(kData, Prot::RW());
  Call(KernelRoutine::kPutUser4, kData, 5);
  Cpu::KernelResult r = Call(KernelRoutine::kCmpxchgUser4, kData, 4, 9);
  EXPECT_EQ(r.value, 0u);
  EXPECT_EQ(r.second, 5u);
  r = Call(KernelRoutine::kCmpxchgUser4, kData, 5, 9);
  EXPECT_EQ(r.second, 5u);
  EXPECT_EQ(Call(KernelRoutine::kGetUser4, kData).second, 9u);
  EXPECT_EQ(Call(KernelRoutine::kCmpxchgUser4, kData + kPage, 5, 9).value,
            kEFAULT);
  m_.Map(kData + kPage, Prot::R());
  EXPECT_EQ(Call(KernelRoutine::kCmpxchgUser4, kData + kPage, 0, 9).value,
            kEFAULT);
}

TEST_P(KernelCallTest, StringsEndAtTheirNul) {
  m_.Map(kData, Prot::RW());
  const std::string text = "faultline";
  const uint64_t at = kData + kPage - 10;
  std::transform(text.begin(), text.end(), Page(kData) + kPage - 10,
                 [](char c) { return std::byte(c); });
  const auto copy = [&](uint64_t most) {
    return Call(KernelRoutine::kStrncpyFromUser, buffer(), at, most).value;
  };
  EXPECT_EQ(copy(100), text.size());
  EXPECT_EQ(Buffer()[9], std::byte{0});
  EXPECT_EQ(copy(9), 9u);
  EXPECT_EQ(copy(4), 4u);
  EXPECT_EQ(copy(0), 0u);
  EXPECT_EQ(Call(KernelRoutine::kStrnlenUser, at, 100).value, 10u);
  EXPECT_EQ(Call(KernelRoutine::kStrnlenUser, at, 10).value, 10u);
  EXPECT_GT(Call(KernelRoutine::kStrnlenUser, at, 9).value, 9u);
  EXPECT_EQ(faults_, 0);
  Page(kData)[kPage - 1] = std::byte{'!'};
  EXPECT_EQ(copy(100), kEFAULT);
  EXPECT_EQ(copy(10), 10u);
  EXPECT_EQ(Call(KernelRoutine::kStrnlenUser, at, 100).value, 0u);
}

TEST_P(KernelCallTest, ProbesTellWhatIsNotThere) {
  m_.Map(kData, Prot::RW());
  m_.Map(kData + kPage, Prot::R());
  m_.Map(kData + 3 * kPage, Prot::RW());
  const auto probe = [&](KernelRoutine routine, uint64_t at, uint64_t bytes) {
    return Call(routine, at, bytes, kPage).value;
  };
  using enum KernelRoutine;
  EXPECT_EQ(probe(kFaultInReadable, kData + 100, 2 * kPage), 100u);
  EXPECT_EQ(probe(kFaultInReadable, kData + 100, 0), 0u);
  EXPECT_EQ(probe(kFaultInReadable, kData + 100, 1), 0u);
  EXPECT_EQ(probe(kFaultInReadable, kData + 2 * kPage, 3), 3u);
  EXPECT_EQ(probe(kFaultInReadable, kData, 4 * kPage), 2 * kPage);
  EXPECT_EQ(probe(kFaultInWriteable, kData + 1, kPage - 1), 0u);
  EXPECT_EQ(probe(kFaultInWriteable, kData + 1, kPage), 1u);
  EXPECT_EQ(probe(kFaultInSubpageWriteable, kData + 1, kPage), 1u);
  EXPECT_EQ(probe(kFaultInSubpageWriteable, kData + 1, 64), 0u);
}

// The engine keeps what it has translated of the page.
TEST_P(KernelCallTest, ACopyOverCodeIsSeen) {
  m_.Load(m_.ReturnProgram(1));
  const auto returned = [&] {
    m_.cpu().SwitchTo(&m_.space(), &m_.context());
    EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
    return m_.Value();
  };
  EXPECT_EQ(returned(), 1u);
  m_.MapFrame(m_.space(), kData, m_.EntryAt(kCode).pfn(), m_.Flags(Prot::RW()));
  for (uint8_t n = 2; n < 5; ++n) {
    const TestMachine::Program program = m_.ReturnProgram(n);
    std::ranges::transform(program, Buffer().begin(),
                           [](uint8_t b) { return std::byte{b}; });
    EXPECT_EQ(
        Call(KernelRoutine::kCopyToUser, kData, buffer(), program.size()).value,
        0u);
    EXPECT_EQ(returned(), n);
  }
}

TEST_P(KernelCallTest, TheMachinesMemoryHasAnAddress) {
  const mm::Pfn frame = m_.Map(kData, Prot::RW());
  const uint64_t at = m_.cpu().KernelAddressOf(m_.phys().Data(frame) + 3);
  ASSERT_NE(at, 0u);
  Call(KernelRoutine::kPutUser1, kData + 3, 42);
  EXPECT_EQ(Call(KernelRoutine::kCopyToUser, kData + 100, at, 1).value, 0u);
  EXPECT_EQ(Page(kData)[100], std::byte{42});
  const std::byte own{};
  EXPECT_EQ(m_.cpu().KernelAddressOf(&own), 0u);
}

TEST_P(KernelCallTest, UserCodeSeesNothingOfIt) {
  m_.Load(m_.kStoreLoadProgram);
  Call(KernelRoutine::kGetUser1, kData);
  m_.cpu().SwitchTo(&m_.space(), &m_.context());
  for (const uint64_t at :
       {buffer(), m_.cpu().KernelAddressOf(m_.phys().ram())}) {
    m_.SetPointer(at);
    EXPECT_NE(m_.RunAt(kCode).kind, Kind::kSyscall);
  }
}

}  // namespace
}  // namespace faultline::engine
