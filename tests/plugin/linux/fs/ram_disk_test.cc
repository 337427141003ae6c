#include "plugin/linux/fs/ram_disk.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/plugin/linux/fs/test_vfs.h"

namespace faultline::os {
namespace {

class RamDiskTest : public VfsTest {
 protected:
  static constexpr uint64_t kPage = 4096;
  static constexpr uint64_t kBlocks = 256;

  RamDiskTest() { EXPECT_TRUE(MountRamDisk(vfs_, kBlocks * kPage).ok()); }

  uint64_t FreeBlocks() {
    return Lookup("/disk")->mount->fs->Statfs().blocks_free;
  }
  // All of the file is on the disk, nothing in memory.
  void Flush(const std::string& path) {
    const auto inode = Regular(path);
    ASSERT_EQ(Outcome(inode->WriteBack()), "ok");
    inode->mapping().DropClean();
    ASSERT_EQ(inode->mapping().cached(), mm::PageCount());
  }
};

TEST_F(RamDiskTest, FilesComeBackFromIt) {
  Touch("/disk/f");
  Write("/disk/f", kPage - 2, "across");
  Flush("/disk/f");
  EXPECT_EQ(FreeBlocks(), kBlocks - 2);
  EXPECT_EQ(Read("/disk/f", kPage - 2), "across");
  EXPECT_EQ(Read("/disk/f", 0, 2), std::string(2, '\0'));
}

TEST_F(RamDiskTest, HolesTakeNoBlocksAndReadAsZeros) {
  Touch("/disk/f");
  Write("/disk/f", 9 * kPage, "x");
  Flush("/disk/f");
  EXPECT_EQ(FreeBlocks(), kBlocks - 1);
  EXPECT_EQ(Read("/disk/f", 5 * kPage, 1), std::string(1, '\0'));
}

TEST_F(RamDiskTest, TruncatedBytesAreGoneAndTheirBlocksFree) {
  Touch("/disk/f");
  Write("/disk/f", 0, std::string(3 * kPage, 'x'));
  Flush("/disk/f");
  const auto inode = Regular("/disk/f");
  ASSERT_EQ(Outcome(inode->Truncate(kPage + 10)), "ok");
  EXPECT_EQ(FreeBlocks(), kBlocks - 2);
  ASSERT_EQ(Outcome(inode->Truncate(3 * kPage)), "ok");
  Flush("/disk/f");
  EXPECT_EQ(Read("/disk/f", kPage + 8, 4), std::string("xx\0\0", 4));
}

TEST_F(RamDiskTest, BlocksOfARemovedFileAreFreeAndHoldNothingOfIt) {
  Touch("/disk/old");
  Write("/disk/old", 0, std::string(kPage, 'o'));
  Flush("/disk/old");
  ASSERT_EQ(Outcome(Unlink("/disk/old")), "ok");
  EXPECT_EQ(FreeBlocks(), kBlocks);
  Touch("/disk/new");
  const auto inode = Regular("/disk/new");
  const std::byte one{'n'};
  ASSERT_EQ(Outcome(inode->backing()->WritePage(100, {&one, 1})), "ok");
  inode->DirectlyWritten(kPage);
  EXPECT_EQ(Read("/disk/new", 99, 3), std::string("\0n\0", 3));
}

TEST_F(RamDiskTest, FullDiskIsENOSPCWhenBytesAreToGoThere) {
  Touch("/disk/f");
  for (uint64_t i = 0; i < kBlocks; ++i) {
    Write("/disk/f", i * kPage, "x");
  }
  Write("/disk/f", kBlocks * kPage, "x");
  EXPECT_EQ(Outcome(Regular("/disk/f")->WriteBack()), "ENOSPC");
}

TEST_F(RamDiskTest, MachineWithoutMemoryForTheMapHasNoDisk) {
  EXPECT_EQ(MountRamDisk(vfs_, uint64_t{1} << 40).code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace faultline::os
