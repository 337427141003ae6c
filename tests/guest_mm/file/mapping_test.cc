#include "guest_mm/file/mapping.h"

#include <string>

#include "tests/guest_mm/testing/calls_fixture.h"
#include "tests/guest_mm/testing/fake_backing.h"

namespace faultline::mm {
namespace {

class MappingTest : public CallsTest {
 protected:
  static absl::Span<const std::byte> Bytes(const std::string& s) {
    return {reinterpret_cast<const std::byte*>(s.data()), s.size()};
  }
  static std::string ReadAll(Mapping& m, uint64_t offset, size_t n) {
    std::string out(n, '?');
    const auto got =
        m.Read(offset, {reinterpret_cast<std::byte*>(out.data()), n});
    out.resize(size_t(got.value()));
    return out;
  }
};

TEST_F(MappingTest, WritingExtendsAndReadingStopsAtTheEnd) {
  auto file = machine_.NewFile(Mapping::Kind::kShmem, "hello");
  Mapping& m = file->mapping();
  EXPECT_EQ(m.size(), 5u);
  EXPECT_EQ(ReadAll(m, 1, 100), "ello");
  EXPECT_EQ(ReadAll(m, 5, 100), "");
  ASSERT_THAT(m.Write(kPage + 1, Bytes("far")), Succeeds());
  EXPECT_EQ(m.size(), kPage + 4);
  EXPECT_EQ(ReadAll(m, 4, 3), std::string("o\0\0", 3));
}

TEST_F(MappingTest, ReadingAHoleMakesNoPage) {
  auto file = machine_.NewFile(Mapping::Kind::kShmem, "");
  file->mapping().Resize(4 * kPage);
  EXPECT_EQ(ReadAll(file->mapping(), 0, 10), std::string(10, '\0'));
  EXPECT_EQ(file->mapping().cached(), PageCount(0));
  ASSERT_THAT(file->mapping().Reserve(kPage - 1, 2), Succeeds());
  EXPECT_EQ(file->mapping().cached(), PageCount(2));
}

TEST_F(MappingTest, ReservedPagesAreCompletedByTheirNextUse) {
  auto file = machine_.NewFile(Mapping::Kind::kShmem, "");
  Mapping& m = file->mapping();
  m.Resize(2 * kPage);
  ASSERT_THAT(m.Reserve(0, 2 * kPage), Succeeds());
  const Frame& first = machine_.phys().frame(*m.Find(0));
  const Frame& second = machine_.phys().frame(*m.Find(1));
  EXPECT_EQ(ReadAll(m, 0, 1), std::string(1, '\0'));
  EXPECT_FALSE(first.uptodate);
  m.Validate();
  ASSERT_THAT(m.Write(0, Bytes("a")), Succeeds());
  EXPECT_TRUE(first.uptodate);
  EXPECT_FALSE(second.uptodate);
  ASSERT_THAT(m.Reserve(kPage, 1), Succeeds());
  EXPECT_TRUE(second.uptodate);
}

TEST_F(MappingTest, WritesAndMappingsSeeTheSamePages) {
  auto file = machine_.NewFile(Mapping::Kind::kShmem, "a");
  MapFile(0, 1, kRW, kMapShared, file);
  EXPECT_EQ(Load(0), 'a');
  ASSERT_THAT(file->mapping().Write(0, Bytes("b")), Succeeds());
  EXPECT_EQ(Load(0), 'b');
  EXPECT_TRUE(Store(0, 'c'));
  EXPECT_EQ(ReadAll(file->mapping(), 0, 1), "c");
}

TEST_F(MappingTest, BackingIsReadOnceAndWholePagesNotAtAll) {
  FakeBacking::Bytes bytes(3 * kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  EXPECT_EQ(ReadAll(file->mapping(), kPage - 1, 2), "xx");
  EXPECT_EQ(ReadAll(file->mapping(), 0, 2), "xx");
  EXPECT_EQ(file->backing().reads(), 2);
  ASSERT_THAT(file->mapping().Write(2 * kPage, Bytes(std::string(kPage, 'y'))),
              Succeeds());
  EXPECT_EQ(file->backing().reads(), 2);
}

TEST_F(MappingTest, FailedReadLeavesNoPage) {
  FakeBacking::Bytes bytes(2 * kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  file->backing().set_broken(true);
  EXPECT_THAT(file->mapping().FindOrCreate(0), FailsWith(Errno::kEIO));
  EXPECT_EQ(file->mapping().cached(), PageCount(0));
  file->backing().set_broken(false);
  EXPECT_EQ(ReadAll(file->mapping(), 0, 1), "x");
}

TEST_F(MappingTest, ErrorAfterTheFirstByteIsAShortCount) {
  FakeBacking::Bytes bytes(2 * kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  EXPECT_EQ(ReadAll(file->mapping(), 0, 1), "x");
  file->backing().set_broken(true);
  EXPECT_EQ(ReadAll(file->mapping(), kPage - 4, 8), "xxxx");
  std::byte one;
  EXPECT_THAT(file->mapping().Read(kPage, {&one, 1}), FailsWith(Errno::kEIO));
}

TEST_F(MappingTest, NoMemoryForAPageIsReported) {
  auto file = machine_.NewFile(Mapping::Kind::kShmem, "");
  bool failed;
  FailNthAllocation(1, &failed);
  const auto n = file->mapping().Write(0, Bytes(std::string(2 * kPage, 'z')));
  ASSERT_THAT(n, Succeeds());
  EXPECT_EQ(*n, kPage);
  FailNthAllocation(0, &failed);
  EXPECT_THAT(file->mapping().Write(kPage, Bytes("z")),
              FailsWith(Errno::kENOMEM));
  machine_.FailAllocations(nullptr);
  EXPECT_EQ(file->mapping().size(), kPage);
}

TEST_F(MappingTest, DropCleanTakesOnlyWhatTheBackingCanGiveAgain) {
  FakeBacking::Bytes bytes(4 * kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  MapFile(0, 1, 1, kMapShared, file);
  EXPECT_EQ(Load(0), 'x');
  ASSERT_THAT(file->mapping().Write(kPage, Bytes("y")), Succeeds());
  EXPECT_EQ(ReadAll(file->mapping(), 2 * kPage, 2 * kPage).size(), 2 * kPage);
  EXPECT_EQ(file->mapping().DropClean(), PageCount(2));
  EXPECT_EQ(file->mapping().cached(), PageCount(2));
  EXPECT_EQ(ReadAll(file->mapping(), kPage, 2), "yx");
  auto memory = machine_.NewFile(Mapping::Kind::kShmem, "z");
  EXPECT_EQ(memory->mapping().DropClean(), PageCount(0));
}

TEST_F(MappingTest, PagesGoWithTheFile) {
  const PageCount free = machine_.phys().free();
  {
    auto file =
        machine_.NewFile(Mapping::Kind::kShmem, std::string(9 * kPage, 'x'));
    EXPECT_EQ(machine_.phys().free(), free - PageCount(9));
  }
  EXPECT_EQ(machine_.phys().free(), free);
}

}  // namespace
}  // namespace faultline::mm
