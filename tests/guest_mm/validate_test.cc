#include "guest_mm/validate.h"

#include "gtest/gtest.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class ValidateTest : public CallsTest {
 protected:
  void ValidateThis() {
    const AddressSpace* const spaces[] = {&mm_};
    ValidateAll(machine_.system(), spaces);
  }
  // The frame that the first page of the mapping at 0 is in.
  Frame& FirstFrame() {
    const EntryRef ref = mm_.page_table().Walk(At(0));
    return machine_.phys().frame(mm_.page_table().Get(ref).pfn());
  }
};

TEST_F(ValidateTest, AWholeMachineIsInOrder) {
  Map(0, 2);
  Fill(0, 2);
  ValidateThis();
}

TEST_F(ValidateTest, FindsAFrameWithMoreEntriesThanLeadToIt) {
  Map(0, 1);
  Fill(0, 1);
  ++FirstFrame().mapcount;
  ++FirstFrame().refcount;
  EXPECT_DEATH(ValidateThis(), "mapcount == found");
  --FirstFrame().refcount;
  --FirstFrame().mapcount;
}

TEST_F(ValidateTest, FindsAnAnonymousPageThatIsLost) {
  Map(0, 1);
  Fill(0, 1);
  ++FirstFrame().refcount;
  EXPECT_DEATH(ValidateThis(), "refcount == found");
  --FirstFrame().refcount;
}

TEST_F(ValidateTest, FindsATableThatNoSpaceHas) {
  const auto other = *AddressSpace::Create(machine_.system());
  EXPECT_DEATH(ValidateThis(), "FrameUse::kPageTable");
}

}  // namespace
}  // namespace faultline::mm
