#include "guest_mm/gup/fault_in.h"

#include "guest_mm/profile/behaviour.h"
#include "tests/guest_mm/gup/gup_fixture.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kRead = 1;

class FaultInTest : public GupTest {
 protected:
  // Two pages that can be written and one that cannot.
  void SetUp() override {
    Map(0, 3);
    ASSERT_THAT(Mprotect(mm_, At(2), kPage, kRead), Succeeds());
  }
};

TEST_F(FaultInTest, FixupBringsAPageIn) {
  EXPECT_TRUE(EntryOf(0).none());
  EXPECT_TRUE(FixupUserFault(mm_, At(0), Access::kWrite, FixupWaits::kYes));
  EXPECT_TRUE(EntryOf(0).write());
  EXPECT_FALSE(FixupUserFault(mm_, At(2), Access::kWrite, FixupWaits::kNo));
  EXPECT_TRUE(FixupUserFault(mm_, At(2), Access::kRead, FixupWaits::kNo));
  EXPECT_FALSE(FixupUserFault(mm_, At(99), Access::kRead, FixupWaits::kNo));
}

TEST_F(FaultInTest, NothingIsLeftOfWhatCanBeWritten) {
  EXPECT_EQ(FaultInSafeWriteable(mm_, At(0) + 5, kPage), 0u);
  EXPECT_TRUE(EntryOf(1).write());
  EXPECT_EQ(FaultInSafeWriteable(mm_, At(0), 0), 0u);
}

TEST_F(FaultInTest, AllIsLeftOfWhatBeginsBad) {
  EXPECT_EQ(FaultInSafeWriteable(mm_, At(2) + 7, 9), 9u);
}

// As from fe673d3f5bf1 to 8c03ebd7cdc0, 6.12 among them.
TEST_F(FaultInTest, NothingIsLeftSaysItOfWhatBeginsWell) {
  EXPECT_EQ(FaultInSafeWriteable(mm_, At(1) + 100, kPage), 0u);
}

}  // namespace
}  // namespace faultline::mm
