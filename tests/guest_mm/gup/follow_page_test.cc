#include "guest_mm/gup/follow_page.h"

#include "tests/guest_mm/gup/gup_fixture.h"
#include "tests/guest_mm/testing/fake_backing.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kRead = 1, kWriteOnly = 2;
constexpr GupFlags kToRead{}, kToWrite{.write = true};
constexpr GupFlags kForcedRead{.force = true};
constexpr GupFlags kForcedWrite{.write = true, .force = true};
constexpr GupFlags kLongRead{.grab = Grab::kPin, .longterm = true};
constexpr GupFlags kLongWrite{
    .grab = Grab::kPin, .write = true, .longterm = true};

class FollowPageTest : public GupTest {
 protected:
  FollowPageTest() : bytes_(4 * kPage, 'f') {}
  std::shared_ptr<MappedFile> File() {
    return MakeBackedFile(machine_.phys(), &bytes_);
  }
  FakeBacking::Bytes bytes_;
};

TEST_F(FollowPageTest, AccessNeedsTheRightForItNotOnesThatImplyIt) {
  Map(0, 1, 0);
  Map(1, 1, kRead);
  Map(2, 1, kWriteOnly);
  EXPECT_THAT(Hold(0, 1, kToRead), FailsWith(Errno::kEFAULT));
  EXPECT_THAT(Hold(1, 1, kToRead), Succeeds());
  EXPECT_THAT(Hold(1, 1, kToWrite), FailsWith(Errno::kEFAULT));
  EXPECT_THAT(Hold(2, 1, kToWrite), Succeeds());
  EXPECT_THAT(Hold(2, 1, kToRead), FailsWith(Errno::kEFAULT))
      << "though a load of the process's would do";
}

TEST_F(FollowPageTest, ForceReadsWhatNobodyMay) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Mprotect(mm_, At(0), kPage, 0), Succeeds());
  ASSERT_THAT(Hold(0, 1, kForcedRead), Succeeds());
  EXPECT_EQ(int(*BytesHeld(0)), 1);
}

TEST_F(FollowPageTest, ForceWritesToACopyThatTheProcessStillMayNotWrite) {
  MapFile(0, 1, kRead, kMapPrivate, File());
  ASSERT_EQ(Load(0), 'f');
  ASSERT_THAT(Hold(0, 1, kForcedWrite), Succeeds());
  EXPECT_EQ(machine_.phys().frame(Held(0)).use, FrameUse::kAnon);
  EXPECT_EQ(EntryOf(0).pfn(), Held(0));
  EXPECT_FALSE(EntryOf(0).write());
  EXPECT_FALSE(Store(0, 1));
}

TEST_F(FollowPageTest, ForceOnAPageSharedByForkCopiesItOnce) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Mprotect(mm_, At(0), kPage, kRead), Succeeds());
  AddressSpace& child = Fork();
  ASSERT_THAT(Hold(0, 1, kForcedWrite), Succeeds());
  ASSERT_THAT(Hold(0, 1, kForcedWrite), Succeeds());
  EXPECT_EQ(Held(0), Held(1));
  EXPECT_NE(machine_.EntryAt(child, At(0)).pfn(), Held(0));
  EXPECT_FALSE(EntryOf(0).write());
}

TEST_F(FollowPageTest, ForceDoesNotWriteToWhatOthersSee) {
  MapFile(0, 1, kRead, kMapShared, File());
  EXPECT_THAT(Hold(0, 1, kForcedWrite), FailsWith(Errno::kEFAULT));
}

TEST_F(FollowPageTest, DevicesMappingsHaveNoPages) {
  Map(0, 1);
  VmaAt(0).flags = VmaAt(0).flags | VmaFlag::kPfnMap;
  EXPECT_THAT(Hold(0, 1, kToRead), FailsWith(Errno::kEFAULT));
  VmaAt(0).flags = VmaAt(0).flags.without(VmaFlag::kPfnMap);
}

// A file must learn of each store that makes a page dirty; a device that
// writes for ever would not tell.
TEST_F(FollowPageTest, LongTermPinDoesNotWriteToAFileThatTracksStores) {
  MapFile(0, 1, kRW, kMapShared, File());
  Map(1, 1, kRW, kAnonShared);
  EXPECT_THAT(Hold(0, 1, kLongWrite), FailsWith(Errno::kEFAULT));
  EXPECT_THAT(Hold(0, 1, kPinToWrite), Succeeds());
  EXPECT_THAT(Hold(0, 1, kLongRead), Succeeds());
  EXPECT_THAT(Hold(1, 1, kLongWrite), Succeeds()) << "memory tracks none";
}

TEST_F(FollowPageTest, LongTermReadOfAPrivateFilePageTakesTheCopyAStoreWould) {
  MapFile(0, 1, kRW, kMapPrivate, File());
  ASSERT_THAT(Hold(0, 1, kPinToRead), Succeeds());
  EXPECT_EQ(machine_.phys().frame(Held(0)).use, FrameUse::kPageCache);
  ASSERT_THAT(Hold(0, 1, kLongRead), Succeeds());
  EXPECT_EQ(machine_.phys().frame(Held(1)).use, FrameUse::kAnon);
  ASSERT_TRUE(Store(0, 1));
  EXPECT_EQ(EntryOf(0).pfn(), Held(1));
}

TEST_F(FollowPageTest, LongTermReadOfZerosTakesAPage) {
  Map(0, 1);
  ASSERT_THAT(Hold(0, 1, kLongRead), Succeeds());
  EXPECT_NE(Held(0), machine_.system().zero_page());
  ASSERT_TRUE(Store(0, 5));
  EXPECT_EQ(int(*BytesHeld(0)), 5);
}

TEST_F(FollowPageTest, WritingMarksThePageDirtyAndUsed) {
  Map(0, 1);
  Fill(0, 1);
  SwapOutPage(0);
  ASSERT_EQ(Load(0), 1);
  ASSERT_FALSE(FrameOf(0).dirty);
  FrameOf(0).referenced = false;
  ASSERT_THAT(Hold(0, 1, kToRead), Succeeds());
  EXPECT_FALSE(FrameOf(0).dirty);
  EXPECT_TRUE(FrameOf(0).referenced);
}

}  // namespace
}  // namespace faultline::mm
