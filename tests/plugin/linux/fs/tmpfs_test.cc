// Covers: plugin/linux/fs/inode.cc

#include "plugin/linux/fs/tmpfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugin/linux/fs/test_vfs.h"

namespace faultline::os {
namespace {

using ::testing::ElementsAre;

using TmpfsTest = VfsTest;

TEST_F(TmpfsTest, ListsInOrderOfCreation) {
  ASSERT_TRUE(Mkdir("/d").ok());
  Touch("/d/z");
  Touch("/d/a");
  ASSERT_TRUE(Symlink("z", "/d/m").ok());
  EXPECT_THAT(List("/d"), ElementsAre(".", "..", "z", "a", "m"));
}

// Nested destructors would overflow the host's stack.
TEST_F(TmpfsTest, ADeepTreeGoesWithItsFileSystem) {
  auto phys = *mm::PhysMem::Create(256 << 20, mm::kPageShift4K);
  auto tree =
      std::make_unique<Vfs>(*phys, mm::Slab::Create(*phys), Vfs::Options());
  Path at = tree->root();
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(MakeNode(Me(), at, "d", kS_IFDIR | 0755).ok());
    at = *LookupPath(Me(), at, "d");
  }
  at = {};
  tree.reset();
}

TEST_F(TmpfsTest, RemovingWhileListingSkipsNothing) {
  ASSERT_TRUE(Mkdir("/d").ok());
  for (int i = 0; i < 10; ++i) {
    Touch("/d/" + std::to_string(i));
  }
  auto file = *Open("/d", kO_RDONLY);
  auto& dir = static_cast<DirFile&>(*file);
  int removed = 0;
  while (true) {
    std::string name;  // one entry at a time, as a tiny buffer gives them
    ASSERT_TRUE(dir.Iterate(Me(),
                            [&](const DirEntry& e) {
                              if (!name.empty()) {
                                return false;
                              }
                              name = std::string(e.name);
                              return true;
                            })
                    .ok());
    if (name.empty()) {
      break;
    }
    if (name[0] != '.') {
      ASSERT_TRUE(Unlink("/d/" + name).ok());
      ++removed;
    }
  }
  EXPECT_EQ(removed, 10);
  EXPECT_EQ(Outcome(Rmdir("/d")), "ok");
}

TEST_F(TmpfsTest, TimesAreTheGuestsOwn) {
  Touch("/f");
  const KStat s = Stat("/f");
  EXPECT_EQ(s.mtime, vfs_.clock().epoch());
  EXPECT_EQ(s.uid, 0u);
}

TEST_F(TmpfsTest, NumbersAreTheSameInEveryRun) {
  mm::PageShift shift = mm::kPageShift4K;
  auto phys = *mm::PhysMem::Create(kMemory, shift);
  Vfs other(*phys, mm::Slab::Create(*phys), Vfs::Options());
  ASSERT_TRUE(other.WriteFile("/f", "x").ok());
  Touch("/f");
  const FsContext fs(other.root(), other.root());
  const KStat there =
      LookupPath({cred_, fs, nullptr}, other.root(), "/f")->inode()->Stat();
  EXPECT_EQ(Stat("/f").ino, there.ino);
  EXPECT_EQ(Stat("/f").dev, there.dev);
}

TEST_F(TmpfsTest, AnEmptiedTreeGivesItsMemoryBack) {
  const auto make_and_remove = [this] {
    ASSERT_TRUE(Mkdir("/d").ok());
    Touch("/d/f");
    Write("/d/f", 0, std::string(100000, 'x'));
    ASSERT_TRUE(Unlink("/d/f").ok());
    ASSERT_TRUE(Rmdir("/d").ok());
  };
  make_and_remove();  // after which the slab keeps a spare frame
  const uint64_t before = phys_->free().value();
  make_and_remove();
  EXPECT_EQ(phys_->free().value(), before);
}

TEST_F(TmpfsTest, AFileWithoutANameIsPaidForUntilItGoes) {
  const size_t before = vfs_.slab()->charged();
  {
    const auto file = Open("/", kO_TMPFILE | kO_RDWR);
    ASSERT_TRUE(file.ok());
    EXPECT_GT(vfs_.slab()->charged(), before);
  }
  EXPECT_EQ(vfs_.slab()->charged(), before);
}

}  // namespace
}  // namespace faultline::os
