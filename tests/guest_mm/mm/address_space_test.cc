// Covers: guest_mm/mm/memory_manager.cc

#include "guest_mm/mm/address_space.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class AddressSpaceTest : public CallsTest {};

TEST_F(AddressSpaceTest, EndGivesEverythingBack) {
  Map(0, 1, 1);  // for which the kernel's own memory takes a frame
  const PageCount free = machine_.phys().free();
  {
    const auto mm = *AddressSpace::Create(machine_.system());
    ASSERT_THAT(Mmap(*mm, Request(At(0), 5, kRW, kAnon | kMapPopulate)),
                Succeeds());
    ASSERT_THAT(Mmap(*mm, Request(At(8), 5, kRW, kAnonShared | kMapPopulate)),
                Succeeds());
    mm->Validate();
    EXPECT_LT(machine_.phys().free(), free - PageCount(9));
  }
  EXPECT_EQ(machine_.phys().free(), free);
  EXPECT_EQ(machine_.system().committed(), PageCount(0));
}

TEST_F(AddressSpaceTest, CreationFailsWithoutAFrameForTheRoot) {
  bool failed;
  FailNthAllocation(0, &failed);
  EXPECT_THAT(AddressSpace::Create(machine_.system()),
              FailsWith(Errno::kENOMEM));
  machine_.FailAllocations(nullptr);
}

TEST_F(AddressSpaceTest, NumbersAreNeverUsedTwice) {
  const uint64_t first = (*AddressSpace::Create(machine_.system()))->id();
  EXPECT_EQ((*AddressSpace::Create(machine_.system()))->id(), first + 1);
}

TEST_F(AddressSpaceTest, ValidateFindsACountThatIsOff) {
  Map(0, 1);
  Fill(0, 1);
  mm_.rss.anon += PageCount(1);
  EXPECT_DEATH(mm_.Validate(), "anonymous pages as rss counts");
  mm_.rss.anon -= PageCount(1);
  mm_.total_vm += PageCount(1);
  EXPECT_DEATH(mm_.Validate(), "total_vm");
  mm_.total_vm -= PageCount(1);
}

}  // namespace
}  // namespace faultline::mm
