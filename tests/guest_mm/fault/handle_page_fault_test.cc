// Covers: guest_mm/fault/absent_fault.cc guest_mm/fault/anon_fault.cc
// Covers: guest_mm/fault/cow_fault.cc guest_mm/fault/file_fault.cc
// Covers: guest_mm/fault/file_page.cc guest_mm/fault/handle_mm_fault.cc
// Covers: guest_mm/fault/stack_growth.cc

#include "guest_mm/fault/handle_page_fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 0x1000;
constexpr uint64_t kBase = 0x10000000;
constexpr auto kDone = PageFaultOutcome::Kind::kDone;
constexpr auto kBadArea = PageFaultOutcome::Kind::kBadArea;
constexpr auto kBusError = PageFaultOutcome::Kind::kBusError;
constexpr auto kAccessError = PageFaultOutcome::Kind::kAccessError;

GuestAddr At(uint64_t page, uint64_t offset = 0) {
  return GuestAddr(kBase + page * kPage + offset);
}

// The same rules hold for both architectures.
class HandlePageFaultTest : public testing::TestWithParam<const ArchOps*> {
 protected:
  HandlePageFaultTest() : m_(*GetParam()), mm_(m_.NewSpace()) {}

  const VmCounters& counters() { return m_.system().counters(); }

  TestMachine m_;
  AddressSpace& mm_;
};
INSTANTIATE_TEST_SUITE_P(Archs, HandlePageFaultTest,
                         testing::Values(&x86::Ops(), &arm64::Ops()),
                         [](const auto& p) {
                           return std::string(p.param->name());
                         });

TEST_P(HandlePageFaultTest, AFirstStoreGetsAZeroedPageOfItsOwn) {
  m_.Map(mm_, kBase, 4 * kPage, Prot::RW());
  EXPECT_TRUE(m_.Store(mm_, At(1, 5), 7));
  EXPECT_EQ(m_.Load(mm_, At(1, 5)), 7);
  EXPECT_EQ(m_.Load(mm_, At(1, 4)), 0);
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
  EXPECT_TRUE(m_.FrameAt(mm_, At(1)).anon_exclusive);
  EXPECT_EQ(counters().faults, 1u);
}

TEST_P(HandlePageFaultTest, ReadsOfUntouchedMemoryShareTheZeroPage) {
  m_.Map(mm_, kBase, 4 * kPage, Prot::RW());
  const PageCount free = m_.phys().free();
  for (uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(m_.Load(mm_, At(i)), 0);
    EXPECT_EQ(m_.EntryAt(mm_, At(i)).pfn(), m_.system().zero_page());
  }
  EXPECT_EQ(free - m_.phys().free(), PageCount(3)) << "tables only";
  EXPECT_EQ(mm_.rss.total(), PageCount(0));
  EXPECT_EQ(counters().zero_page_maps, 4u);
}

TEST_P(HandlePageFaultTest, AStoreOverTheZeroPageCopiesItAndFlushes) {
  m_.Map(mm_, kBase, 2 * kPage, Prot::RW());
  EXPECT_EQ(m_.Load(mm_, At(0)), 0);
  m_.tlb().flushes.clear();
  EXPECT_TRUE(m_.Store(mm_, At(0), 9));
  EXPECT_EQ(m_.Load(mm_, At(0)), 9);
  EXPECT_EQ(m_.phys().Data(m_.system().zero_page())[0], std::byte(0));
  EXPECT_THAT(m_.tlb().flushes, testing::ElementsAre(FakeTlb::Flush{
                                    mm_.id(), GuestRange::At(At(0), kPage)}));
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
}

TEST_P(HandlePageFaultTest, ForkSharesUntilEitherSideStores) {
  m_.Map(mm_, kBase, 2 * kPage, Prot::RW());
  m_.Store(mm_, At(0), 1);
  AddressSpace& child = *m_.Fork(mm_);
  EXPECT_EQ(m_.EntryAt(mm_, At(0)).pfn(), m_.EntryAt(child, At(0)).pfn());
  EXPECT_EQ(m_.FrameAt(mm_, At(0)).mapcount, 2);
  m_.Validate();
  m_.Store(child, At(0), 2);
  EXPECT_EQ(counters().cow_copies, 1u);
  EXPECT_EQ(m_.Load(mm_, At(0)), 1);
  EXPECT_EQ(m_.Load(child, At(0)), 2);
  m_.Validate();
  // The parent is alone with the original now, and keeps it.
  const Pfn original = m_.EntryAt(mm_, At(0)).pfn();
  m_.Store(mm_, At(0), 3);
  EXPECT_EQ(m_.EntryAt(mm_, At(0)).pfn(), original);
  EXPECT_EQ(counters().cow_reuses, 1u);
  EXPECT_EQ(m_.Load(child, At(0)), 2);
}

TEST_P(HandlePageFaultTest, APageWithAnotherHolderIsCopiedNotReused) {
  m_.Map(mm_, kBase, kPage, Prot::RW());
  m_.Store(mm_, At(0), 1);
  AddressSpace& child = *m_.Fork(mm_);
  const Pfn shared = m_.EntryAt(mm_, At(0)).pfn();
  m_.Drop(child);
  m_.Hold(shared);
  m_.Store(mm_, At(0), 2);
  EXPECT_NE(m_.EntryAt(mm_, At(0)).pfn(), shared);
  EXPECT_EQ(m_.phys().Data(shared)[0], std::byte(1));
  m_.LetGo(shared);
}

TEST_P(HandlePageFaultTest, ThePageOfAnExitedSiblingIsReused) {
  m_.Map(mm_, kBase, kPage, Prot::RW());
  m_.Store(mm_, At(0), 1);
  m_.Drop(*m_.Fork(mm_));
  const Pfn page = m_.EntryAt(mm_, At(0)).pfn();
  EXPECT_FALSE(m_.FrameAt(mm_, At(0)).anon_exclusive);
  m_.Store(mm_, At(0), 2);
  EXPECT_EQ(m_.EntryAt(mm_, At(0)).pfn(), page);
  EXPECT_TRUE(m_.FrameAt(mm_, At(0)).anon_exclusive);
}

TEST_P(HandlePageFaultTest, PrivateFileStoresStayPrivate) {
  const auto file = m_.NewFile(Mapping::Kind::kRegular, std::string(8192, 'a'));
  m_.Map(mm_, kBase, 2 * kPage, Prot::RW(), {}, file);
  EXPECT_EQ(m_.Load(mm_, At(0)), 'a');
  EXPECT_TRUE(m_.Store(mm_, At(0), 'b'));  // over a mapped page
  EXPECT_EQ(m_.EntryAt(mm_, At(1)).pfn(), *file->mapping().Find(1))
      << "mapped around";
  EXPECT_TRUE(m_.Store(mm_, At(1), 'c'));
  EXPECT_EQ(m_.Load(mm_, At(0)), 'b');
  EXPECT_EQ(m_.Load(mm_, At(1)), 'c');
  EXPECT_EQ(m_.Load(mm_, At(1, 1)), 'a');
  char bytes[2];
  ASSERT_TRUE(file->mapping()
                  .Read(4095, {reinterpret_cast<std::byte*>(bytes), 2})
                  .ok());
  EXPECT_EQ(bytes[1], 'a');
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_EQ(mm_.rss.file, PageCount(0));
}

TEST_P(HandlePageFaultTest, AFirstStoreToAPrivateFileCopiesAtOnce) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, std::string(4096, 'a'));
  m_.Map(mm_, kBase, kPage, Prot::RW(), {}, file);
  EXPECT_TRUE(m_.Store(mm_, At(0, 9), 'b'));
  EXPECT_EQ(counters().faults, 1u);
  EXPECT_EQ(m_.Load(mm_, At(0, 8)), 'a');
  EXPECT_EQ(m_.phys().frame(*file->mapping().Find(0)).mapcount, 0);
}

TEST_P(HandlePageFaultTest, SharedFileStoresAreSeenByAllAndMarkThePageDirty) {
  const auto file = m_.NewFile(Mapping::Kind::kRegular, std::string(4096, 'a'));
  AddressSpace& other = m_.NewSpace();
  m_.Map(mm_, kBase, kPage, Prot::RW(), VmaFlag::kShared, file);
  m_.Map(other, kBase, kPage, Prot::R(), VmaFlag::kShared, file);
  Frame& frame = m_.phys().frame(*file->mapping().Find(0));
  frame.dirty = false;
  EXPECT_EQ(m_.Load(mm_, At(0)), 'a');
  EXPECT_FALSE(m_.EntryAt(mm_, At(0)).write()) << "the store must be noticed";
  EXPECT_TRUE(m_.Store(mm_, At(0), 'b'));
  EXPECT_TRUE(frame.dirty);
  EXPECT_EQ(m_.Load(other, At(0)), 'b');
  EXPECT_EQ(frame.mapcount, 2);
  EXPECT_EQ(mm_.rss.file, PageCount(1));
}

TEST_P(HandlePageFaultTest, SharedMemoryNeedsNoSecondFaultToStore) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, std::string(4096, 0));
  m_.Map(mm_, kBase, kPage, Prot::RW(), VmaFlag::kShared, file);
  EXPECT_EQ(m_.Load(mm_, At(0)), 0);
  EXPECT_TRUE(m_.Store(mm_, At(0), 1));
  EXPECT_EQ(counters().faults, 1u);
  EXPECT_EQ(mm_.rss.shmem, PageCount(1));
}

TEST_P(HandlePageFaultTest, TruncationTakesPagesAwayFromEveryMapping) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, std::string(8192, 'a'));
  m_.Map(mm_, kBase, 2 * kPage, Prot::RW(), VmaFlag::kShared, file);
  EXPECT_EQ(m_.Load(mm_, At(1)), 'a');
  file->mapping().Resize(4096);
  EXPECT_EQ(m_.Touch(mm_, At(1), Access::kRead), kBusError);
  EXPECT_EQ(m_.Load(mm_, At(0)), 'a');
  file->mapping().Resize(8192);
  EXPECT_EQ(m_.Load(mm_, At(1)), 0);
}

TEST_P(HandlePageFaultTest, TruncationWhileAPageIsMadeIsABusError) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, "first page");
  file->mapping().Resize(4 * kPage);
  m_.Map(mm_, kBase, 4 * kPage, Prot::RW(), VmaFlag::kShared, file);
  m_.FailAllocations([&](AllocPurpose purpose) {
    if (purpose == AllocPurpose::kPageCache) {
      file->mapping().Resize(kPage);
    }
    return false;
  });
  EXPECT_EQ(m_.Touch(mm_, At(2), Access::kRead), kBusError);
  m_.FailAllocations(nullptr);
  EXPECT_EQ(mm_.rss.total(), PageCount(1)) << "the first page, cached nearby";
}

TEST_P(HandlePageFaultTest, CachedPagesAreMappedAroundAReadButNotBeyondTheVma) {
  const auto file =
      m_.NewFile(Mapping::Kind::kRegular, std::string(40 * 4096, 'a'));
  m_.Map(mm_, kBase + 4 * kPage, 8 * kPage, Prot::R(), {}, file, 4);
  EXPECT_EQ(m_.Load(mm_, At(6)), 'a');
  EXPECT_EQ(mm_.rss.file, PageCount(8));
  EXPECT_EQ(counters().faults, 1u);
  EXPECT_EQ(m_.EntryAt(mm_, At(11)).pfn(), *file->mapping().Find(11));
  EXPECT_EQ(m_.EntryAt(mm_, At(11)).young(),
            GetParam()->fault_policy().prefaulted_young);
}

TEST_P(HandlePageFaultTest, AStackGrowsToTheTouchedPage) {
  Vma& stack =
      m_.Map(mm_, kBase + 100 * kPage, kPage, Prot::RW(), VmaFlag::kGrowsDown);
  EXPECT_TRUE(m_.Store(mm_, At(90, 8), 1));
  EXPECT_EQ(stack.range.start, At(90));
  EXPECT_EQ(mm_.stack_vm, PageCount(11));
  EXPECT_TRUE(m_.Store(mm_, At(95), 1));
}

TEST_P(HandlePageFaultTest, AStackStopsAtItsLimitAndAtTheAddressSpaceLimit) {
  Vma& stack =
      m_.Map(mm_, kBase + 100 * kPage, kPage, Prot::RW(), VmaFlag::kGrowsDown);
  mm_.limits.stack = 4 * kPage;
  EXPECT_EQ(m_.Touch(mm_, At(96), Access::kWrite), kBadArea);
  EXPECT_EQ(m_.Touch(mm_, At(97), Access::kWrite), kDone);
  mm_.limits.stack = kNoLimit;
  mm_.limits.as = 5 * kPage;
  EXPECT_EQ(m_.Touch(mm_, At(95), Access::kWrite), kBadArea);
  EXPECT_EQ(m_.Touch(mm_, At(96), Access::kWrite), kDone);
  EXPECT_EQ(stack.range.start, At(96));
}

TEST_P(HandlePageFaultTest, AStackKeepsItsGapFromMappingsButNotFromProtNone) {
  m_.system().sysctl().stack_guard_gap_pages = 16;
  Vma& below = m_.Map(mm_, kBase, kPage, Prot::RW());
  m_.Map(mm_, kBase + 100 * kPage, kPage, Prot::RW(), VmaFlag::kGrowsDown);
  EXPECT_EQ(m_.Touch(mm_, At(16), Access::kWrite), kBadArea);
  EXPECT_EQ(m_.Touch(mm_, At(17), Access::kWrite), kDone);
  m_.Unmap(mm_, below);
  m_.Map(mm_, kBase, kPage, Prot::None());
  EXPECT_EQ(m_.Touch(mm_, At(16), Access::kWrite), kDone);
}

TEST_P(HandlePageFaultTest, ALostRightIsRefusedAndAGainedOneNeedsNoFault) {
  Vma& vma = m_.Map(mm_, kBase, 2 * kPage, Prot::RW());
  m_.Store(mm_, At(0), 5);
  const auto protect = [&](Prot prot) {
    WriteGuard guard(mm_.mmap_lock());
    mm_.vmas().SetFlagsInPlace(vma, vma.flags.WithProt(prot));
    return ChangeProtection(mm_, vma, vma.range, prot);
  };
  EXPECT_EQ(protect(Prot::None()), 1u);
  EXPECT_EQ(m_.Touch(mm_, At(0), Access::kRead), kAccessError);
  protect(Prot::R());
  EXPECT_EQ(m_.Load(mm_, At(0)), 5);
  EXPECT_EQ(m_.Touch(mm_, At(0), Access::kWrite), kAccessError);
  m_.tlb().flushes.clear();
  protect(Prot::RWX());
  EXPECT_TRUE(m_.tlb().flushes.empty()) << "only more was allowed";
  const uint64_t faults = counters().faults;
  EXPECT_TRUE(m_.Store(mm_, At(0), 6));
  EXPECT_EQ(m_.Touch(mm_, At(0), Access::kExec), kDone);
  EXPECT_EQ(counters().faults, faults);
}

TEST_P(HandlePageFaultTest, MprotectDoesNotMakeForkedPagesWritable) {
  Vma& vma = m_.Map(mm_, kBase, kPage, Prot::RW());
  m_.Store(mm_, At(0), 5);
  AddressSpace& child = *m_.Fork(mm_);
  {
    WriteGuard guard(mm_.mmap_lock());
    ChangeProtection(mm_, vma, vma.range, Prot::R());
    ChangeProtection(mm_, vma, vma.range, Prot::RW());
  }
  EXPECT_FALSE(m_.EntryAt(mm_, At(0)).write());
  m_.Store(mm_, At(0), 6);
  EXPECT_EQ(m_.Load(child, At(0)), 5);
}

TEST_P(HandlePageFaultTest, APoisonedPageIsReportedWithItsSize) {
  m_.Map(mm_, kBase, kPage, Prot::RW());
  PageTable& table = mm_.page_table();
  const EntryRef r = table.FindOrAllocate(At(0), 0).value();
  table.Set(r, {EntryKind::kHwPoison, {}, 77});
  const PageFaultOutcome outcome = HandlePageFault(mm_, {.address = At(0)});
  EXPECT_EQ(outcome.kind, PageFaultOutcome::Kind::kHwPoison);
  EXPECT_EQ(outcome.lsb, 12);
  table.Set(r, Entry::None());
}

TEST_P(HandlePageFaultTest, OutOfMemoryIsSaidToUserModeAndFixedUpInTheKernel) {
  m_.Map(mm_, kBase, kPage, Prot::RW());
  m_.FailAllocations([](AllocPurpose) { return true; });
  EXPECT_EQ(m_.Touch(mm_, At(0), Access::kWrite),
            PageFaultOutcome::Kind::kOutOfMemory);
  EXPECT_EQ(m_.Touch(mm_, At(0), Access::kWrite, Mode::kKernel),
            PageFaultOutcome::Kind::kKernelFixup);
  m_.FailAllocations(nullptr);
  EXPECT_EQ(m_.Touch(mm_, At(0), Access::kWrite), kDone);
}

TEST_P(HandlePageFaultTest, FaultPrintsAsLettersAndAnAddress) {
  EXPECT_EQ(ToString(Fault{.address = GuestAddr(0x7f12),
                           .access = Access::kWrite,
                           .was_present = true}),
            "uwp 0x7f12");
}

// Fails the n-th allocation of a little life for every n: whatever could not
// be done leaves nothing behind, and the same life goes well afterwards.
TEST_P(HandlePageFaultTest, EveryFailedAllocationLeavesTheMachineWhole) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, std::string(8192, 'a'));
  const auto live = [&]() {
    AddressSpace& mm = m_.NewSpace();
    m_.Map(mm, kBase, 8 * kPage, Prot::RW());
    m_.Map(mm, 0x40000000, 2 * kPage, Prot::RW(), {}, file);
    m_.Map(mm, 0x7f0000000000, kPage, Prot::RW());
    m_.Store(mm, At(0), 1);
    m_.Load(mm, At(1));
    m_.Store(mm, At(1), 2);
    m_.Store(mm, GuestAddr(0x40000000), 3);
    m_.Load(mm, GuestAddr(0x40001000));
    m_.Store(mm, GuestAddr(0x7f0000000000), 4);
    if (AddressSpace* child = m_.Fork(mm)) {
      m_.Store(*child, At(0), 5);
      m_.Store(*child, GuestAddr(0x40001000), 6);
      m_.Validate();
      m_.Drop(*child);
    }
    m_.Validate();
    m_.Drop(mm);
  };
  live();  // the file's pages and metadata are there from now on
  const PageCount free = m_.phys().free();
  int failures = 0;
  for (int n = 1; n < 1000; ++n) {
    int count = 0;
    bool failed = false;
    // The root of the first space must succeed: NewSpace() insists.
    m_.FailAllocations([&](AllocPurpose) {
      const bool fail = count++ == n;
      failed |= fail;
      return fail;
    });
    live();
    m_.FailAllocations(nullptr);
    ASSERT_EQ(m_.phys().free(), free) << "n = " << n;
    m_.Validate();
    if (!failed) {
      break;
    }
    ++failures;
  }
  EXPECT_GT(failures, 15);
}

}  // namespace
}  // namespace faultline::mm
