#include "guest_mm/uffd/features.h"
#include "guest_mm/uffd/register.h"
#include "guest_mm/uffd/uffd_context.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/uffd/write_protect.h"
#include "tests/guest_mm/testing/hugetlb_fixture.h"

namespace faultline::mm {
namespace {

// Pages [0, 2) are watched for stores.
class ChangeHugetlbWpTest : public HugetlbTest {
 protected:
  void Watch(uint64_t flags = kPrivate) {
    Map(0, 2, flags);
    m_.system().sysctl().mmap_min_addr = 4096;
    ctx_ = UffdContext::Create(mm_, UffdContext::UserModeOnly::kNo).value();
    EXPECT_TRUE(ctx_->Initialize(0));
    EXPECT_TRUE(UffdRegister(*ctx_, Huge(0, 2), kUffdModeWp).ok());
  }
  void TearDown() override { ctx_->Release(); }
  static GuestRange Huge(uint64_t at, uint64_t pages) {
    return GuestRange::At(At(at), pages * kHuge);
  }
  ErrnoOr<Done> Change(uint64_t at, uint64_t pages, UffdProtection how) {
    return UffdWriteProtect(*ctx_, Huge(at, pages), how);
  }
  Entry EntryAt(uint64_t at) { return m_.EntryAt(mm_, At(at)); }

  std::shared_ptr<UffdContext> ctx_;
};
INSTANTIATE_HUGETLB_TEST(ChangeHugetlbWpTest);

TEST_P(ChangeHugetlbWpTest, APresentPageIsReadOnlyAndAnAbsentOneIsMarked) {
  Watch();
  ASSERT_TRUE(Store(0, 'a'));
  EXPECT_TRUE(Change(0, 2, UffdProtection::kProtect).ok());
  EXPECT_FALSE(EntryAt(0).write());
  EXPECT_TRUE(EntryAt(0).flags.has(EntryFlag::kUffdWp));
  EXPECT_TRUE(EntryAt(1).marker(kMarkerUffdWp));
}

TEST_P(ChangeHugetlbWpTest, ReleasingGivesNoRightOfItself) {
  Watch();
  ASSERT_TRUE(Store(0, 'a'));
  EXPECT_TRUE(Change(0, 2, UffdProtection::kProtect).ok());
  EXPECT_TRUE(Change(0, 2, UffdProtection::kResolve).ok());
  EXPECT_FALSE(EntryAt(0).flags.has(EntryFlag::kUffdWp));
  EXPECT_FALSE(EntryAt(0).write());
  EXPECT_TRUE(EntryAt(1).none());
  ASSERT_TRUE(Store(0, 'b'));
  EXPECT_EQ(Load(0), 'b');
}

TEST_P(ChangeHugetlbWpTest, APageThatComesWhereAMarkerWasIsProtected) {
  Watch(kShared);
  EXPECT_TRUE(Change(0, 1, UffdProtection::kProtect).ok());
  EXPECT_EQ(Load(0), 0);
  EXPECT_TRUE(EntryAt(0).flags.has(EntryFlag::kUffdWp));
  EXPECT_FALSE(EntryAt(0).write());
}

TEST_P(ChangeHugetlbWpTest, ProtectionOutlivesThePageUntilItIsUnmapped) {
  Watch(kShared);
  ASSERT_TRUE(Store(0, 'a'));
  EXPECT_TRUE(Change(0, 1, UffdProtection::kProtect).ok());
  Vma& vma = *mm_.vmas().Find(At(0));
  ZapRange(mm_, vma, Huge(0, 1), Markers::kKeep);
  EXPECT_TRUE(EntryAt(0).marker(kMarkerUffdWp));
  ZapRange(mm_, vma, Huge(0, 1), Markers::kDrop);
  EXPECT_TRUE(EntryAt(0).none());
}

TEST_P(ChangeHugetlbWpTest, APartOfAHugePageIsEINVAL) {
  Watch();
  EXPECT_EQ(UffdWriteProtect(*ctx_, GuestRange::At(At(0), 4096),
                             UffdProtection::kProtect)
                .error(),
            Errno::kEINVAL);
}

TEST_P(ChangeHugetlbWpTest, AChildOfForkIsNotProtected) {
  Watch();
  ASSERT_TRUE(Store(0, 'a'));
  EXPECT_TRUE(Change(0, 2, UffdProtection::kProtect).ok());
  AddressSpace& child = Fork();
  EXPECT_FALSE(m_.EntryAt(child, At(0)).flags.has(EntryFlag::kUffdWp));
  EXPECT_TRUE(m_.EntryAt(child, At(1)).none());
}

}  // namespace
}  // namespace faultline::mm
