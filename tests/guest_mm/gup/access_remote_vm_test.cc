#include "guest_mm/gup/access_remote_vm.h"

#include <array>

#include "tests/guest_mm/gup/gup_fixture.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kRead = 1;

class AccessRemoteVmTest : public GupTest {
 protected:
  size_t Read(GuestAddr a, size_t n, RemoteRights rights) {
    return ReadRemoteVm(mm_, a, absl::MakeSpan(bytes_).first(n), rights);
  }
  size_t Write(GuestAddr a, size_t n, RemoteRights rights) {
    bytes_.fill(std::byte{'w'});
    return WriteRemoteVm(mm_, a, absl::MakeConstSpan(bytes_).first(n), rights);
  }
  std::array<std::byte, 3 * kPage> bytes_;
};

TEST_F(AccessRemoteVmTest, CopiesAcrossPagesFromAnywhere) {
  Map(0, 3);
  Fill(0, 3);
  EXPECT_EQ(Read(At(0) + 100, 2 * kPage, RemoteRights::kObeyed), 2 * kPage);
  EXPECT_EQ(int(bytes_[kPage - 100]), 2);
  EXPECT_EQ(Write(At(1) - 1, 2, RemoteRights::kObeyed), 2u);
  EXPECT_EQ(Load(1), 'w');
  EXPECT_EQ(FrameOf(1).refcount, 1) << "let go of";
  EXPECT_TRUE(FrameOf(1).dirty);
}

TEST_F(AccessRemoteVmTest, StopsWhereNothingIsMapped) {
  Map(0, 1);
  EXPECT_EQ(Read(At(0) + 5, 2 * kPage, RemoteRights::kIgnored), kPage - 5);
  EXPECT_EQ(Read(At(1), 1, RemoteRights::kIgnored), 0u);
}

TEST_F(AccessRemoteVmTest, RightsAreObeyedOrNot) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Mprotect(mm_, At(0), kPage, 0), Succeeds());
  EXPECT_EQ(Read(At(0), 1, RemoteRights::kObeyed), 0u);
  EXPECT_EQ(Read(At(0), 1, RemoteRights::kIgnored), 1u);
  EXPECT_EQ(Write(At(0), 1, RemoteRights::kObeyed), 0u);
  EXPECT_EQ(Write(At(0), 1, RemoteRights::kIgnored), 1u);
  ASSERT_THAT(Mprotect(mm_, At(0), kPage, kRead), Succeeds());
  EXPECT_EQ(Load(0), 'w');
}

TEST_F(AccessRemoteVmTest, StackGrowsForIt) {
  machine_.Map(mm_, At(100).value(), kPage, Prot::RW(), VmaFlag::kGrowsDown);
  EXPECT_EQ(Write(At(98) + 8, 4, RemoteRights::kObeyed), 4u);
  EXPECT_EQ(VmaAt(99).range.start, At(98));
  EXPECT_EQ(Write(At(50), 4, RemoteRights::kObeyed), 4u);
}

TEST_F(AccessRemoteVmTest, CodeThatItOverwritesIsForgotten) {
  Map(0, 1);
  Fill(0, 1);
  machine_.phys().MarkExecuted(EntryOf(0).pfn());
  EXPECT_EQ(Write(At(0), 1, RemoteRights::kObeyed), 1u);
  EXPECT_EQ(machine_.tlb().code_flushes.size(), 1u);
}

}  // namespace
}  // namespace faultline::mm
