#include "guest_mm/calls/swapoff.h"

#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class SwapOffTest : public SwapTest {
 protected:
  SwapOffTest() {
    Map(0, 8);
    Fill(0, 8);
    for (uint64_t i = 0; i < 4; ++i) {
      SwapOutPage(i);
    }
  }

  Errno Off(std::vector<AddressSpace*> spaces) {
    const Errno error = SwapOff(machine_.system(), [&] {
                          std::vector<std::shared_ptr<AddressSpace>> held;
                          for (AddressSpace* mm : spaces) {
                            held.push_back(mm->shared_from_this());
                          }
                          return held;
                        }).error();
    machine_.ValidateStep();
    return error;
  }
};

TEST_F(SwapOffTest, PagesAreWhereTheirEntriesWere) {
  AddressSpace& child = Fork();
  ASSERT_EQ(Off({&mm_, &child}), Errno::kOk);
  EXPECT_EQ(swap().total(), PageCount());
  EXPECT_EQ(swap().used(), PageCount());
  EXPECT_EQ(mm_.rss.swap, PageCount());
  EXPECT_EQ(child.rss.swap, PageCount());
  for (uint64_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(Present(i));
    EXPECT_EQ(machine_.Load(child, At(i)), int(i + 1));
  }
}

TEST_F(SwapOffTest, NoSlotIsGivenOutUntilItIsOnAgain) {
  ASSERT_EQ(Off({&mm_}), Errno::kOk);
  EXPECT_NE(PageOut(machine_, EntryOf(0).pfn()), Fate::kFreed);
  swap().set_on(true);
  EXPECT_EQ(swap().free(), PageCount(kSlots));
  SwapOutPage(0);
}

TEST_F(SwapOffTest, FilesAreReadBackToo) {
  const auto file = machine_.NewFile(Mapping::Kind::kShmem, "abc");
  ASSERT_EQ(PageOut(machine_, *file->mapping().Find(0)), Fate::kFreed);
  ASSERT_EQ(file->mapping().swapped(), PageCount(1));
  ASSERT_EQ(Off({&mm_}), Errno::kOk);
  EXPECT_EQ(file->mapping().swapped(), PageCount());
  EXPECT_TRUE(swap().files().empty());
}

TEST_F(SwapOffTest, WithoutRoomAllStaysAsItWas) {
  bool failed = false;
  FailNthAllocation(2, &failed);
  EXPECT_EQ(Off({&mm_}), Errno::kENOMEM);
  EXPECT_TRUE(failed);
  EXPECT_EQ(swap().total(), PageCount(kSlots));
  for (uint64_t i = 0; i < 8; ++i) {
    EXPECT_EQ(Load(i), int(i + 1));
  }
  EXPECT_EQ(Off({&mm_}), Errno::kOk);
}

}  // namespace
}  // namespace faultline::mm
