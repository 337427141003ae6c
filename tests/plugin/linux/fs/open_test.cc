// Covers: plugin/linux/fs/file.cc

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugin/linux/fs/test_vfs.h"

namespace faultline::os {
namespace {

using OpenTest = VfsTest;

TEST_F(OpenTest, CreateMakesAFileOnce) {
  EXPECT_EQ(Outcome(Open("/f", kO_RDWR)), "ENOENT");
  EXPECT_EQ(Outcome(Open("/f", kO_CREAT | kO_RDWR)), "ok");
  EXPECT_EQ(Outcome(Open("/f", kO_CREAT | kO_RDWR)), "ok");
  EXPECT_EQ(Outcome(Open("/f", kO_CREAT | kO_EXCL | kO_RDWR)), "EEXIST");
  EXPECT_EQ(Outcome(Open("/g/", kO_CREAT | kO_RDWR)), "EISDIR");
  EXPECT_EQ(Outcome(Open("/", kO_CREAT | kO_RDWR)), "EISDIR");
}

TEST_F(OpenTest, CreateFollowsADanglingLinkButExclusivelyDoesNot) {
  ASSERT_TRUE(Symlink("target", "/link").ok());
  EXPECT_EQ(Outcome(Open("/link", kO_CREAT | kO_EXCL | kO_RDWR)), "EEXIST");
  EXPECT_EQ(Outcome(Open("/link", kO_CREAT | kO_NOFOLLOW | kO_RDWR)), "ELOOP");
  EXPECT_EQ(Outcome(Open("/link", kO_CREAT | kO_RDWR)), "ok");
  EXPECT_EQ(Outcome(Lookup("/target")), "ok");
}

TEST_F(OpenTest, ANewFileMayBeWrittenWhateverItsMode) {
  ASSERT_TRUE(vfs_.MakeDirs("/w", 0777).ok());
  BecomeUser(1000);
  EXPECT_EQ(Outcome(Open("/w/f", kO_CREAT | kO_RDWR, 0)), "ok");
  EXPECT_EQ(Outcome(Open("/w/f", kO_RDWR)), "EACCES");
}

TEST_F(OpenTest, DirectoriesAreNotWritten) {
  ASSERT_TRUE(Mkdir("/d").ok());
  Touch("/f");
  EXPECT_EQ(Outcome(Open("/d", kO_RDONLY)), "ok");
  EXPECT_EQ(Outcome(Open("/d", kO_WRONLY)), "EISDIR");
  EXPECT_EQ(Outcome(Open("/d", kO_CREAT | kO_RDONLY)), "EISDIR");
  EXPECT_EQ(Outcome(Open("/f", kO_RDONLY | kO_DIRECTORY)), "ENOTDIR");
}

TEST_F(OpenTest, NofollowRefusesALinkUnlessItIsOnlyAPlace) {
  ASSERT_TRUE(Symlink("/", "/link").ok());
  EXPECT_EQ(Outcome(Open("/link", kO_NOFOLLOW)), "ELOOP");
  const auto file = *Open("/link", kO_PATH | kO_NOFOLLOW);
  EXPECT_EQ(file->Stat().mode & kS_IFMT, kS_IFLNK);
  EXPECT_FALSE(file->readable());
  EXPECT_FALSE(file->writable());
}

TEST_F(OpenTest, TruncateEmptiesAndIsRefusedReadOnly) {
  Touch("/f");
  Write("/f", 0, "text");
  ASSERT_TRUE(Open("/f", kO_RDONLY).ok());
  EXPECT_EQ(Stat("/f").size, 4u);
  ASSERT_TRUE(Open("/f", kO_WRONLY | kO_TRUNC).ok());
  EXPECT_EQ(Stat("/f").size, 0u);
}

TEST_F(OpenTest, AnUnnamedFileIsNowhereToBeSeen) {
  ASSERT_TRUE(Mkdir("/d").ok());
  const auto file = *Open("/d", kO_TMPFILE | kO_RDWR);
  EXPECT_EQ(file->Stat().nlink, 0u);
  EXPECT_THAT(List("/d"), ::testing::ElementsAre(".", ".."));
  EXPECT_EQ(Outcome(Open("/none", kO_TMPFILE | kO_RDWR)), "ENOENT");
}

TEST_F(OpenTest, ExecNeedsARegularExecutableFile) {
  ASSERT_TRUE(Mkdir("/d").ok());
  Touch("/f");
  const auto exec = [&](const char* path) {
    return Outcome(OpenForExec(vfs_, Me(), Here(), path));
  };
  EXPECT_EQ(exec("/none"), "ENOENT");
  EXPECT_EQ(exec("/d"), "EACCES");
  // Not even root runs what nobody may run.
  EXPECT_EQ(exec("/f"), "EACCES");
  AttrChange change;
  change.mode = 0100;
  ASSERT_TRUE(Lookup("/f")->inode()->SetAttr(change).ok());
  EXPECT_EQ(exec("/f"), "ok");
  BecomeUser(1000);
  EXPECT_EQ(exec("/f"), "EACCES");
}

TEST_F(OpenTest, UnknownDevicesAndFifosWithoutPipesAreRefused) {
  ASSERT_TRUE(MakeNode(Me(), Here(), "/c", kS_IFCHR | 0666, {9, 9}).ok());
  ASSERT_TRUE(MakeNode(Me(), Here(), "/s", kS_IFSOCK | 0666).ok());
  EXPECT_EQ(Outcome(Open("/c", kO_RDONLY)), "ENXIO");
  EXPECT_EQ(Outcome(Open("/s", kO_RDONLY)), "ENXIO");
  EXPECT_EQ(Outcome(Open("/c", kO_PATH)), "ok");
}

}  // namespace
}  // namespace faultline::os
