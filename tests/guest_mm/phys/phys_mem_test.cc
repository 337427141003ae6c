// Covers: guest_mm/phys/frame.cc

#include "guest_mm/phys/phys_mem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "tests/guest_mm/testing/failing_allocations.h"
#include "tests/guest_mm/testing/fake_tlb.h"

namespace faultline::mm {
namespace {

std::unique_ptr<PhysMem> Make(uint64_t bytes = 4 << 20) {
  return PhysMem::Create(bytes, kPageShift4K).value();
}

bool IsZero(const PhysMem& phys, Pfn pfn) {
  const std::byte* const data = phys.Data(pfn);
  return std::all_of(data, data + phys.page_shift().bytes(),
                     [](std::byte b) { return b == std::byte(0); });
}

TEST(PhysMemTest, SizesThatAreNotAMachineAreRefused) {
  EXPECT_EQ(PhysMem::Create(4096, kPageShift4K).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PhysMem::Create((1 << 20) + 1, kPageShift4K).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PhysMem::Create(uint64_t{1} << 62, kPageShift4K).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(PhysMem::Create(~uint64_t{0xfff}, kPageShift4K).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(PhysMemTest, AFreedFrameComesBackZeroedWhenAskedFor) {
  auto phys = Make();
  const Pfn pfn = phys->Allocate(AllocPurpose::kAnon).value();
  std::memset(phys->Data(pfn), 0xaa, 4096);
  phys->Put(pfn);
  const Pfn again = phys->AllocateZeroed(AllocPurpose::kAnon).value();
  EXPECT_EQ(again, pfn);  // the lowest free one
  EXPECT_TRUE(IsZero(*phys, again));
}

TEST(PhysMemTest, AllMemoryCanBeGivenOutAndComesBack) {
  auto phys = Make();
  std::vector<Pfn> all;
  for (;;) {
    const ErrnoOr<Pfn> pfn = phys->Allocate(AllocPurpose::kKernel);
    if (!pfn.ok()) {
      EXPECT_EQ(pfn.error(), Errno::kENOMEM);
      break;
    }
    all.push_back(*pfn);
  }
  EXPECT_EQ(all.size(), 1024u);
  EXPECT_EQ(phys->free(), PageCount(0));
  EXPECT_EQ(phys->used(FrameUse::kKernel), PageCount(1024));
  phys->Validate();
  for (const Pfn pfn : all) {
    phys->Put(pfn);
  }
  EXPECT_EQ(phys->free(), phys->total());
  phys->Validate();
}

TEST(PhysMemTest, ABlockHasOneHeadAndTailsThatPointToIt) {
  auto phys = Make();
  const Pfn head = phys->Allocate(AllocPurpose::kAnon, 4).value();
  EXPECT_EQ(head.value() % 16, 0u);
  EXPECT_EQ(phys->frame(head).order, 4);
  EXPECT_EQ(phys->frame(head + 7).use, FrameUse::kTail);
  EXPECT_EQ(phys->frame(head + 7).head, head);
  EXPECT_EQ(phys->used(FrameUse::kAnon), PageCount(16));
  phys->Validate();
  phys->Put(head);
  phys->Validate();
  EXPECT_EQ(phys->free(), phys->total());
}

TEST(PhysMemTest, AReservedFrameIsNeverGivenOut) {
  auto phys = Make(1 << 20);
  phys->Reserve(Pfn(3), PageCount(2));
  for (int i = 0; i < 254; ++i) {
    const Pfn pfn = phys->Allocate(AllocPurpose::kAnon).value();
    EXPECT_TRUE(pfn != Pfn(3) && pfn != Pfn(4));
  }
  EXPECT_FALSE(phys->Allocate(AllocPurpose::kAnon).ok());
  phys->Validate();
}

TEST(PhysMemTest, AllocationsFailByPurposeAndWithoutATrace) {
  auto phys = Make();
  std::vector<AllocPurpose> seen;
  const FailingAllocations failing([&](AllocPurpose purpose) {
    seen.push_back(purpose);
    return purpose == AllocPurpose::kTablePmd;
  });
  EXPECT_TRUE(phys->Allocate(AllocPurpose::kAnon).ok());
  const PageCount free = phys->free();
  EXPECT_EQ(phys->Allocate(AllocPurpose::kTablePmd).error(), Errno::kENOMEM);
  EXPECT_EQ(phys->free(), free);
  EXPECT_THAT(
      seen, testing::ElementsAre(AllocPurpose::kAnon, AllocPurpose::kTablePmd));
}

TEST(PhysMemTest, CodeIsForgottenWhenItsFrameIsWrittenOrFreed) {
  auto phys = Make();
  FakeTlb tlb;
  phys->set_tlb(&tlb);
  const Pfn pfn = phys->Allocate(AllocPurpose::kAnon).value();
  phys->WroteByHost(pfn);
  EXPECT_TRUE(tlb.code_flushes.empty());
  phys->MarkExecuted(pfn);
  phys->WroteByHost(pfn);
  EXPECT_THAT(tlb.code_flushes, testing::ElementsAre(pfn));
  phys->MarkExecuted(pfn);
  phys->Put(pfn);
  EXPECT_THAT(tlb.code_flushes, testing::ElementsAre(pfn, pfn));
}

TEST(PhysMemTest, ABigMachineCostsNothingUntilUsed) {
  auto phys = Make(uint64_t{64} << 30);
  EXPECT_EQ(phys->total(), PageCount(uint64_t{16} << 20));
  const Pfn pfn = phys->Allocate(AllocPurpose::kAnon).value();
  EXPECT_NE(phys->FrameIfMade(pfn), nullptr);
  EXPECT_EQ(phys->FrameIfMade(Pfn(1 << 20)), nullptr);
}

TEST(PhysMemTest, RandomBlocksNeverOverlapAndKeepTheirContents) {
  std::mt19937_64 random(3);
  auto phys = Make(8 << 20);
  struct Block {
    Pfn head;
    int order;
    uint8_t mark;
  };
  std::vector<Block> blocks;
  for (int step = 0; step < 4000; ++step) {
    if (blocks.empty() || random() % 2 == 0) {
      const int order = int(random() % 5);
      const auto head = phys->AllocateZeroed(AllocPurpose::kAnon, order);
      if (!head.ok()) {
        continue;
      }
      for (uint64_t i = 0; i < uint64_t{1} << order; ++i) {
        ASSERT_TRUE(IsZero(*phys, *head + i));
      }
      const auto mark = uint8_t(1 + random() % 255);
      std::memset(phys->Data(*head), mark, 4096u << order);
      blocks.push_back({*head, order, mark});
    } else {
      std::swap(blocks[random() % blocks.size()], blocks.back());
      const Block b = blocks.back();
      blocks.pop_back();
      for (uint64_t i = 0; i < 4096u << b.order; i += 512) {
        ASSERT_EQ(phys->Data(b.head)[i], std::byte(b.mark));
      }
      phys->Put(b.head);
    }
    if (step % 100 == 0) {
      phys->Validate();
    }
  }
  phys->Validate();
}

}  // namespace
}  // namespace faultline::mm
