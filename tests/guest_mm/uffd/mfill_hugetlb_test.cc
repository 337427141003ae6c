#include "guest_mm/uffd/mfill_hugetlb.h"

#include "guest_mm/uffd/features.h"
#include "guest_mm/uffd/register.h"
#include "guest_mm/uffd/uffd_context.h"
#include "guest_mm/uffd/write_protect.h"
#include "tests/guest_mm/testing/hugetlb_fixture.h"

namespace faultline::mm {
namespace {

class MfillHugetlbTest : public HugetlbTest {
 protected:
  // A context that watches pages [0, pages).
  std::shared_ptr<UffdContext> Watch(uint64_t pages, uint64_t modes) {
    m_.system().sysctl().mmap_min_addr = 4096;
    auto ctx = UffdContext::Create(mm_, UffdContext::UserModeOnly::kNo).value();
    EXPECT_TRUE(ctx->Initialize(0));
    EXPECT_TRUE(UffdRegister(*ctx, Huge(0, pages), modes).ok());
    return ctx;
  }
  static GuestRange Huge(uint64_t at, uint64_t pages) {
    return GuestRange::At(At(at), pages * kHuge);
  }
  // Ordinary memory of `value`s, a huge page long.
  GuestAddr Source(uint8_t value) {
    MmapRequest r;
    r.hint = At(100);
    r.length = kHuge;
    r.prot = 3;
    r.flags = kMapPrivate | kMapAnonymous | kMapFixed;
    EXPECT_TRUE(Mmap(mm_, r).ok());
    for (uint64_t a = 0; a < kHuge; a += 4096) {
      EXPECT_TRUE(m_.Store(mm_, At(100) + a, value));
    }
    return At(100);
  }
  ErrnoOr<uint64_t> Fill(UffdContext& ctx, UffdFill kind, uint64_t at,
                         uint64_t pages = 1, GuestAddr source = {},
                         bool write_protect = false) {
    UffdFillRequest r;
    r.kind = kind;
    r.range = Huge(at, pages);
    r.source = source;
    r.from = &mm_;
    r.write_protect = write_protect;
    return UffdFillRange(ctx, r);
  }
  Entry EntryAt(uint64_t at) { return m_.EntryAt(mm_, At(at)); }
};
INSTANTIATE_HUGETLB_TEST(MfillHugetlbTest);

TEST_P(MfillHugetlbTest, CopyUsesTheReservationAndMapsThePageWhole) {
  Map(0, 2);
  const auto ctx = Watch(2, kUffdModeMissing);
  const GuestAddr source = Source('s');
  EXPECT_EQ(Fill(*ctx, UffdFill::kCopy, 0, 1, source).value(), kHuge);
  EXPECT_EQ(pool().reserved(), 1u);
  EXPECT_EQ(pool().free(), 3u);
  EXPECT_EQ(Load(0), 's');
  EXPECT_EQ(m_.Load(mm_, At(0) + kHuge - 4096), 's');
  EXPECT_TRUE(EntryAt(0).write());
  EXPECT_EQ(Fill(*ctx, UffdFill::kCopy, 0, 1, source).error(), Errno::kEEXIST);
  ctx->Release();
}

TEST_P(MfillHugetlbTest,
       CopyFromMemoryThatIsNotThereGivesThePageBackMeanwhile) {
  Map(0, 1);
  const auto ctx = Watch(1, kUffdModeMissing);
  const GuestAddr source = Source('s');
  ZapRange(mm_, *mm_.vmas().Find(source), GuestRange::At(source, kHuge));
  EXPECT_EQ(Fill(*ctx, UffdFill::kCopy, 0, 1, source).value(), kHuge);
  EXPECT_EQ(Load(0), 0);
  EXPECT_EQ(pool().free(), 3u);
  EXPECT_EQ(pool().reserved(), 0u);
  ctx->Release();
}

TEST_P(MfillHugetlbTest, CopyToASharedFileIsSeenThroughEveryMapping) {
  auto file = std::make_shared<TestHugetlbFile>(m_.system(), 2 * kHuge);
  Map(0, 2, kMapShared, file);
  Map(8, 2, kMapShared, file);
  const auto ctx = Watch(2, kUffdModeMissing);
  EXPECT_EQ(Fill(*ctx, UffdFill::kCopy, 1, 1, Source('f')).value(), kHuge);
  EXPECT_EQ(Load(9), 'f');
  ASSERT_TRUE(Store(8, 'x'));
  // The file has that page now, if nobody maps it here.
  EXPECT_EQ(Fill(*ctx, UffdFill::kCopy, 0, 1, At(100)).error(), Errno::kEEXIST);
  ctx->Release();
}

TEST_P(MfillHugetlbTest, AnEmptyPoolIsENOMEM) {
  Map(0, 1, kPrivate | kMapNoReserve);
  Map(8, 4);
  const auto ctx = Watch(1, kUffdModeMissing);
  EXPECT_EQ(Fill(*ctx, UffdFill::kCopy, 0, 1, Source('s')).error(),
            Errno::kENOMEM);
  EXPECT_TRUE(EntryAt(0).none());
  ctx->Release();
}

TEST_P(MfillHugetlbTest, ContinueMapsWhatTheFileHas) {
  auto file = std::make_shared<TestHugetlbFile>(m_.system(), 2 * kHuge);
  Map(0, 2, kMapShared, file);
  Map(8, 2, kMapShared, file);
  const auto ctx = Watch(2, kUffdModeMinor);
  ASSERT_TRUE(Store(8, 'f'));
  EXPECT_EQ(Fill(*ctx, UffdFill::kContinue, 0, 2).value(), kHuge);
  EXPECT_EQ(Load(0), 'f');
  EXPECT_TRUE(EntryAt(0).write());
  EXPECT_EQ(Fill(*ctx, UffdFill::kContinue, 0).error(), Errno::kEEXIST);
  EXPECT_EQ(Fill(*ctx, UffdFill::kContinue, 1).error(), Errno::kEFAULT);
  ctx->Release();
}

TEST_P(MfillHugetlbTest, PoisonTakesNoPageAndIsAMemoryErrorOfTheWholeExtent) {
  Map(0, 1);
  const auto ctx = Watch(1, kUffdModeMissing);
  EXPECT_EQ(Fill(*ctx, UffdFill::kPoison, 0).value(), kHuge);
  EXPECT_EQ(pool().free(), 4u);
  EXPECT_EQ(m_.Touch(mm_, At(0) + 77, Access::kRead),
            PageFaultOutcome::Kind::kHwPoison);
  EXPECT_EQ(Fill(*ctx, UffdFill::kPoison, 0).error(), Errno::kEEXIST);
  EXPECT_EQ(Fill(*ctx, UffdFill::kCopy, 0, 1, Source('s')).value(), kHuge);
  EXPECT_EQ(Load(0), 's');
  ctx->Release();
}

TEST_P(MfillHugetlbTest, ZeroAndPartsOfHugePagesAreEINVAL) {
  Map(0, 1);
  const auto ctx = Watch(1, kUffdModeMissing);
  EXPECT_EQ(Fill(*ctx, UffdFill::kZero, 0).error(), Errno::kEINVAL);
  UffdFillRequest r;
  r.range = GuestRange::At(At(0), 4096);
  r.source = Source('s');
  r.from = &mm_;
  EXPECT_EQ(UffdFillRange(*ctx, r).error(), Errno::kEINVAL);
  ctx->Release();
}

TEST_P(MfillHugetlbTest, CopyThatProtectsMapsItReadOnly) {
  Map(0, 1);
  const auto ctx = Watch(1, kUffdModeMissing | kUffdModeWp);
  EXPECT_EQ(Fill(*ctx, UffdFill::kCopy, 0, 1, Source('s'), true).value(),
            kHuge);
  EXPECT_FALSE(EntryAt(0).write());
  EXPECT_TRUE(EntryAt(0).flags.has(EntryFlag::kUffdWp));
  ctx->Release();
}

}  // namespace
}  // namespace faultline::mm
