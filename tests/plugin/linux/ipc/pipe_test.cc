#include "plugin/linux/ipc/pipe.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/testing/failing_allocations.h"

namespace faultline::os {
namespace {

using ::testing::ElementsAre;

constexpr size_t kPage = 4096;
constexpr mm::PointSite kHere{"test.here"};

class PipeTest : public ::testing::Test {
 protected:
  PipeTest()
      : s_(mm::MakeRoundRobin()),
        phys_(*mm::PhysMem::Create(4 << 20, mm::kPageShift4K)),
        pipe_(std::make_unique<Pipe>(*phys_)) {
    pipe_->AddEnd(/*reads=*/true, /*writes=*/false);
    pipe_->AddEnd(/*reads=*/false, /*writes=*/true);
  }

  ErrnoOr<uint64_t> Write(const std::string& text,
                          WhenFull when = WhenFull::kFail,
                          PacketMode packets = PacketMode::kOff) {
    IovIter from = IovIter::Kernel(absl::MakeConstSpan(
        reinterpret_cast<const std::byte*>(text.data()), text.size()));
    const Pipe::Written written = pipe_->Write(from, when, packets);
    broken_ = written.broken;
    return written.result;
  }
  ErrnoOr<std::string> Read(size_t most, WhenEmpty when = WhenEmpty::kFail) {
    std::string text(most, '\0');
    IovIter to = IovIter::Kernel(
        absl::MakeSpan(reinterpret_cast<std::byte*>(text.data()), text.size()));
    FL_ASSIGN(const uint64_t n, pipe_->Read(to, when));
    text.resize(n);
    return text;
  }
  void CloseReader() { pipe_->RemoveEnd(true, false); }
  void CloseWriter() { pipe_->RemoveEnd(false, true); }

  mm::Scheduler s_;
  std::unique_ptr<mm::PhysMem> phys_;
  std::unique_ptr<Pipe> pipe_;
  bool broken_ = false;
  std::vector<std::string> log_;
};

TEST_F(PipeTest, GivesBytesBackInOrder) {
  EXPECT_EQ(*Write("hello "), 6u);
  EXPECT_EQ(*Write("world"), 5u);
  EXPECT_EQ(pipe_->bytes(), 11u);
  EXPECT_EQ(*Read(7), "hello w");
  EXPECT_EQ(*Read(99), "orld");
  EXPECT_EQ(Read(1).error(), Errno::kEAGAIN);
}

TEST_F(PipeTest, HoldsSixteenPages) {
  EXPECT_EQ(pipe_->capacity(), 65536u);
  EXPECT_EQ(*Write(std::string(70000, 'x')), 65536u);
  EXPECT_EQ(Write("x").error(), Errno::kEAGAIN);
}

TEST_F(PipeTest, SlotsNotBytesDecideWhatFits) {
  // 4000 bytes do not join the 4000 before them in one page.
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(*Write(std::string(4000, 'x')), 4000u);
  }
  EXPECT_EQ(Write(std::string(4000, 'x')).error(), Errno::kEAGAIN);
  EXPECT_EQ(*Write(std::string(96, 'y')), 96u);  // the last page has room
  EXPECT_EQ(Write("z").error(), Errno::kEAGAIN);
}

TEST_F(PipeTest, AWriteOfAPageIsAllOrNothing) {
  ASSERT_EQ(*Write(std::string(15 * kPage, 'x')), 15 * kPage);
  ASSERT_EQ(*Write("x"), 1u);
  EXPECT_EQ(Write(std::string(kPage, 'y')).error(), Errno::kEAGAIN);
  EXPECT_EQ(pipe_->bytes(), 15 * kPage + 1);
}

TEST_F(PipeTest, AReadBringsTheEndOnlyWhenNobodyCanWrite) {
  ASSERT_EQ(*Write("last"), 4u);
  EXPECT_EQ(pipe_->Poll(true, false, ~0ull), kPollIn | kPollRdNorm);
  CloseWriter();
  EXPECT_EQ(pipe_->Poll(true, false, ~0ull), kPollIn | kPollRdNorm | kPollHup);
  EXPECT_EQ(*Read(99), "last");
  EXPECT_EQ(*Read(99), "");
  EXPECT_EQ(pipe_->Poll(true, false, ~0ull), kPollHup);
}

TEST_F(PipeTest, WritingWithoutAReaderIsBroken) {
  CloseReader();
  EXPECT_EQ(*Write(""), 0u);
  EXPECT_FALSE(broken_);
  EXPECT_EQ(Write("x").error(), Errno::kEPIPE);
  EXPECT_TRUE(broken_);
  EXPECT_EQ(pipe_->Poll(false, true, ~0ull), kPollOut | kPollWrNorm | kPollErr);
}

TEST_F(PipeTest, AReaderThatLeavesBreaksAWriteHalfWay) {
  s_.Spawn("writer", [&] {
    const auto result = Write(std::string(100000, 'x'), WhenFull::kWait);
    EXPECT_EQ(*result, 65536u);
    EXPECT_TRUE(broken_);
  });
  s_.Spawn("reader", [&] { CloseReader(); });
  EXPECT_EQ(s_.Run(), mm::Scheduler::End::kAllDone);
}

TEST_F(PipeTest, AReaderWaitsForBytesAndForTheEnd) {
  s_.Spawn("reader", [&] {
    log_.push_back(*Read(99, WhenEmpty::kWait));
    log_.push_back(*Read(99, WhenEmpty::kWait));
    log_.push_back("end:" + *Read(99, WhenEmpty::kWait));
  });
  s_.Spawn("writer", [&] {
    ASSERT_EQ(*Write("one"), 3u);
    s_.Yield(kHere);
    ASSERT_EQ(*Write("two"), 3u);
    s_.Yield(kHere);
    CloseWriter();
  });
  EXPECT_EQ(s_.Run(), mm::Scheduler::End::kAllDone);
  EXPECT_THAT(log_, ElementsAre("one", "two", "end:"));
}

TEST_F(PipeTest, ASignalEndsAWaitWithNothingMoved) {
  mm::Actor& reader = s_.Spawn("reader", [&] {
    EXPECT_EQ(Read(1, WhenEmpty::kWait).error(), Errno::kERESTARTSYS);
  });
  s_.Spawn("killer", [&] { s_.Interrupt(reader, mm::Interruption::kSignal); });
  EXPECT_EQ(s_.Run(), mm::Scheduler::End::kAllDone);
}

TEST_F(PipeTest, ASignalCutsALongWriteShort) {
  mm::Actor& writer = s_.Spawn("writer", [&] {
    EXPECT_EQ(*Write(std::string(100000, 'x'), WhenFull::kWait), 65536u);
  });
  s_.Spawn("killer", [&] { s_.Interrupt(writer, mm::Interruption::kSignal); });
  EXPECT_EQ(s_.Run(), mm::Scheduler::End::kAllDone);
}

TEST_F(PipeTest, NothingIsLostOrDoubledUnderAnySeed) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    mm::Scheduler s(mm::MakeRandom(seed));
    pipe_ = std::make_unique<Pipe>(*phys_);
    pipe_->AddEnd(true, false);
    uint64_t read = 0;
    constexpr int kWriters = 3;
    for (int i = 0; i < kWriters; ++i) {
      pipe_->AddEnd(false, true);
      s.Spawn("writer", [&] {
        for (int n = 0; n < 4; ++n) {
          EXPECT_EQ(*Write(std::string(30000, 'x'), WhenFull::kWait), 30000u);
        }
        CloseWriter();
      });
    }
    for (int i = 0; i < 2; ++i) {
      s.Spawn("reader", [&] {
        for (;;) {
          const auto got = Read(7000, WhenEmpty::kWait);
          ASSERT_TRUE(got.ok());
          if (got.value().empty()) {
            return;
          }
          read += got.value().size();
        }
      });
    }
    ASSERT_EQ(s.Run(), mm::Scheduler::End::kAllDone) << seed << "\n"
                                                     << s.DescribeActors();
    EXPECT_EQ(read, kWriters * 4 * 30000u);
  }
}

TEST_F(PipeTest, APacketIsReadAloneAndItsRestIsLost) {
  ASSERT_EQ(*Write("packet one", WhenFull::kFail, PacketMode::kOn), 10u);
  ASSERT_EQ(*Write("two", WhenFull::kFail, PacketMode::kOn), 3u);
  EXPECT_EQ(*Read(6), "packet");
  EXPECT_EQ(*Read(99), "two");
}

TEST_F(PipeTest, CapacityRoundsUpToAPowerOfTwoPages) {
  EXPECT_EQ(*pipe_->SetCapacity(1, false), kPage);
  EXPECT_EQ(*pipe_->SetCapacity(5 * kPage, false), 8 * kPage);
  EXPECT_EQ(*pipe_->SetCapacity(1 << 20, false), 1u << 20);
  EXPECT_EQ(pipe_->SetCapacity((1 << 20) + 1, false).error(), Errno::kEPERM);
  EXPECT_EQ(*pipe_->SetCapacity((1 << 20) + 1, true), 2u << 20);
  EXPECT_EQ(pipe_->SetCapacity(0x80000001, true).error(), Errno::kEINVAL);
}

TEST_F(PipeTest, CapacityCannotShrinkBelowWhatIsThere) {
  ASSERT_EQ(*Write(std::string(3 * kPage, 'x')), 3 * kPage);
  EXPECT_EQ(pipe_->SetCapacity(kPage, false).error(), Errno::kEBUSY);
  EXPECT_EQ(*pipe_->SetCapacity(3 * kPage, false), 4 * kPage);
}

TEST_F(PipeTest, ItsPagesAreTheGuestsAndComeBack) {
  const mm::PageCount before = phys_->free();
  ASSERT_EQ(*Write(std::string(3 * kPage, 'x')), 3 * kPage);
  EXPECT_EQ(before - phys_->free(), mm::PageCount(3));
  pipe_.reset();
  EXPECT_EQ(phys_->free(), before);
}

TEST_F(PipeTest, OutOfMemoryIsAShortWriteOrAnError) {
  int allocations = 0;
  const mm::FailingAllocations failing(
      [&](mm::AllocPurpose) { return ++allocations > 2; });
  EXPECT_EQ(*Write(std::string(5 * kPage, 'x')), 2 * kPage);
  EXPECT_EQ(Write(std::string(kPage, 'x')).error(), Errno::kENOMEM);
}

TEST_F(PipeTest, PeekLeavesTheBytes) {
  ASSERT_EQ(*Write("abc"), 3u);
  std::byte seen[2];
  EXPECT_EQ(pipe_->Peek(absl::MakeSpan(seen)), 2u);
  EXPECT_EQ(seen[1], std::byte{'b'});
  EXPECT_EQ(*Read(9), "abc");
}

TEST_F(PipeTest, AFifoNobodyWroteToYetIsNotHungUp) {
  Pipe fifo(*phys_);
  fifo.AddEnd(true, false);
  EXPECT_EQ(fifo.Poll(true, false, /*writers_at_open=*/0), 0u);
  fifo.AddEnd(false, true);
  fifo.RemoveEnd(false, true);
  EXPECT_EQ(fifo.Poll(true, false, 0), kPollHup);
}

}  // namespace
}  // namespace faultline::os
