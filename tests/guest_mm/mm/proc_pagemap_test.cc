#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPresent = 1ull << 63;
constexpr uint64_t kFile = 1ull << 61;
constexpr uint64_t kExclusive = 1ull << 56;
constexpr uint64_t kSoftDirty = 1ull << 55;
constexpr uint64_t kPfn = kSoftDirty - 1;

class ProcPagemapTest : public CallsTest {
 protected:
  uint64_t Word(uint64_t page) {
    uint64_t word = 0xdead;
    EXPECT_EQ(ReadPagemap(mm_, kBase / kPage + page, {&word, 1}), 1u);
    return word;
  }
};

TEST_F(ProcPagemapTest, NothingMappedIsZero) { EXPECT_EQ(Word(0), 0u); }

TEST_F(ProcPagemapTest, PageShowsItsFrame) {
  Map(0, 2);
  Fill(0, 1);
  EXPECT_EQ(Word(0) & kPfn, machine_.EntryAt(mm_, At(0)).pfn().value());
  EXPECT_EQ(Word(0) & ~kPfn, kPresent | kExclusive | kSoftDirty);
  EXPECT_EQ(Word(1), kSoftDirty) << "a new mapping is soft-dirty throughout";
}

TEST_F(ProcPagemapTest, ZeroPageIsPresentAndNobodys) {
  Map(0, 1);
  EXPECT_EQ(Load(0), 0);
  EXPECT_EQ(Word(0) & kPfn, machine_.system().zero_page().value());
  EXPECT_EQ(Word(0) & (kExclusive | kFile), 0u);
}

TEST_F(ProcPagemapTest, SharedMemoryIsMarkedAsFile) {
  Map(0, 1, kRW, kAnonShared);
  Fill(0, 1);
  EXPECT_EQ(Word(0) & (kFile | kExclusive), kFile | kExclusive);
  machine_.Adopt(*DupMm(mm_));
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  EXPECT_EQ(machine_.Load(child, At(0)), 1);
  EXPECT_EQ(Word(0) & (kFile | kExclusive), kFile);
}

TEST_F(ProcPagemapTest, ReadsManyPagesAcrossMappingsAndStopsAtTheEnd) {
  Map(1, 1);
  Map(3, 1);
  Fill(3, 1);
  std::vector<uint64_t> words(5, 1);
  EXPECT_EQ(ReadPagemap(mm_, kBase / kPage, absl::MakeSpan(words)), 5u);
  EXPECT_EQ(words[0], 0u);
  EXPECT_EQ(words[1], kSoftDirty);
  EXPECT_EQ(words[2], 0u);
  EXPECT_NE(words[3] & kPresent, 0u);
  EXPECT_EQ(words[4], 0u);
  const uint64_t end = x86::Ops().layout().user_end.value() / kPage;
  EXPECT_EQ(ReadPagemap(mm_, end - 2, absl::MakeSpan(words)), 2u);
  EXPECT_EQ(ReadPagemap(mm_, end, absl::MakeSpan(words)), 0u);
  EXPECT_EQ(ReadPagemap(mm_, ~uint64_t{0}, absl::MakeSpan(words)), 0u);
}

}  // namespace
}  // namespace faultline::mm
