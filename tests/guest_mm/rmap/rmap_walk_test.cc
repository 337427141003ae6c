#include "guest_mm/rmap/rmap_walk.h"

#include <utility>
#include <vector>

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class RmapWalkTest : public CallsTest {
 protected:
  // (address space, page) of each place the walk comes by.
  std::vector<std::pair<uint64_t, uint64_t>> PlacesOf(Pfn head) {
    std::vector<std::pair<uint64_t, uint64_t>> places;
    RmapWalk(machine_.phys(), head, [&](Vma& vma, GuestRange range) {
      EXPECT_TRUE(vma.range.Contains(range));
      places.emplace_back(vma.mm->id(), (range.start.value() - kBase) / kPage);
      return true;
    });
    return places;
  }
  Pfn PfnAt(AddressSpace& mm, uint64_t page) {
    return machine_.EntryAt(mm, At(page)).pfn();
  }
};

TEST_F(RmapWalkTest, FreshPageIsFoundInItsOneVma) {
  Map(0, 4);
  Fill(2, 1);
  EXPECT_THAT(PlacesOf(PfnAt(mm_, 2)), ElementsAre(Pair(mm_.id(), 2)));
}

TEST_F(RmapWalkTest, ForkedPageIsFoundInTheParentBeforeTheChildren) {
  Map(0, 2);
  Fill(0, 2);
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  AddressSpace& grandchild = machine_.Adopt(*DupMm(child));
  EXPECT_THAT(PlacesOf(PfnAt(mm_, 1)),
              ElementsAre(Pair(mm_.id(), 1), Pair(child.id(), 1),
                          Pair(grandchild.id(), 1)));
}

TEST_F(RmapWalkTest, ChildsOwnPageIsNotLookedForInTheParent) {
  Map(0, 2);
  Fill(0, 2);
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  ASSERT_TRUE(machine_.Store(child, At(0), 9));
  EXPECT_THAT(PlacesOf(PfnAt(child, 0)), ElementsAre(Pair(child.id(), 0)));
}

TEST_F(RmapWalkTest, SplitMovedAndMergedVmasKeepTheirPages) {
  Map(0, 8);
  Fill(0, 8);
  ASSERT_THAT(Mprotect(mm_, At(3), 2 * kPage, 1), Succeeds());
  EXPECT_THAT(PlacesOf(PfnAt(mm_, 4)), ElementsAre(Pair(mm_.id(), 4)));
  ASSERT_THAT(Mremap(mm_, At(3), 2 * kPage, 2 * kPage, 3, At(40)), Succeeds());
  EXPECT_THAT(PlacesOf(PfnAt(mm_, 41)), ElementsAre(Pair(mm_.id(), 41)));
  EXPECT_THAT(PlacesOf(PfnAt(mm_, 5)), ElementsAre(Pair(mm_.id(), 5)));
  ASSERT_THAT(Mremap(mm_, At(40), 2 * kPage, 2 * kPage, 3, At(3)), Succeeds());
  ASSERT_THAT(Mprotect(mm_, At(3), 2 * kPage, kRW), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-8 rw-p"));
  EXPECT_THAT(PlacesOf(PfnAt(mm_, 4)), ElementsAre(Pair(mm_.id(), 4)));
}

TEST_F(RmapWalkTest, PageLeftBehindByDontUnmapIsNotLookedForThere) {
  Map(0, 2);
  Fill(0, 2);
  const Pfn page = PfnAt(mm_, 1);
  // MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP
  ASSERT_THAT(Mremap(mm_, At(0), 2 * kPage, 2 * kPage, 7, At(40)), Succeeds());
  EXPECT_THAT(PlacesOf(page), ElementsAre(Pair(mm_.id(), 41)));
}

TEST_F(RmapWalkTest, FilePageIsFoundInEachVmaThatCoversIt) {
  const auto file =
      machine_.NewFile(Mapping::Kind::kShmem, std::string(8 * kPage, 'x'));
  MapFile(0, 4, kRW, kMapShared, file, /*pgoff=*/2);
  MapFile(10, 2, kRW, kMapShared, file, /*pgoff=*/0);
  MapFile(20, 8, kRW, kMapPrivate, file);
  const Pfn third = *file->mapping().Find(3);
  EXPECT_THAT(PlacesOf(third),
              ElementsAre(Pair(mm_.id(), 23), Pair(mm_.id(), 1)));
}

TEST_F(RmapWalkTest, PageThatNobodyMapsHasNoPlace) {
  Map(0, 1);
  Fill(0, 1);
  const Pfn page = PfnAt(mm_, 0);
  machine_.Hold(page);
  ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  EXPECT_THAT(PlacesOf(page), IsEmpty());
  machine_.LetGo(page);
}

TEST_F(RmapWalkTest, FalseFromAVisitEndsTheWalk) {
  Map(0, 1);
  Fill(0, 1);
  machine_.Adopt(*DupMm(mm_));
  int visits = 0;
  EXPECT_FALSE(RmapWalk(machine_.phys(), PfnAt(mm_, 0), [&](Vma&, GuestRange) {
    ++visits;
    return false;
  }));
  EXPECT_EQ(visits, 1);
}

TEST_F(RmapWalkTest, VisitedEntriesAreThoseThatLeadToThePages) {
  Map(0, 6);
  Fill(0, 4);
  Load(5);  // the zero page
  std::vector<uint64_t> seen;
  const Pfn one = PfnAt(mm_, 1);
  EXPECT_TRUE(VisitEntries(VmaAt(0), GuestRange::At(At(0), 6 * kPage), one, 1,
                           Seek::kPresent,
                           [&](const EntryRef& r, const Entry& e) {
                             EXPECT_EQ(e.pfn(), one);
                             seen.push_back((r.address - At(0)) / kPage);
                             return true;
                           }));
  EXPECT_THAT(seen, ElementsAre(1));
}

}  // namespace
}  // namespace faultline::mm
