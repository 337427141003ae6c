// Covers: plugin/linux/fs/rename.cc plugin/linux/fs/may_change.cc
// Covers: plugin/linux/fs/dentry.cc

#include "plugin/linux/fs/namei.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugin/linux/fs/test_vfs.h"

namespace faultline::os {
namespace {

using ::testing::ElementsAre;

using NameiTest = VfsTest;

TEST_F(NameiTest, MkdirAnswersAsLinuxDoes) {
  EXPECT_EQ(Outcome(Mkdir("/d")), "ok");
  EXPECT_EQ(Outcome(Mkdir("/d")), "EEXIST");
  EXPECT_EQ(Outcome(Mkdir("/d/")), "EEXIST");
  EXPECT_EQ(Outcome(Mkdir("/")), "EEXIST");
  EXPECT_EQ(Outcome(Mkdir("/d/.")), "EEXIST");
  EXPECT_EQ(Outcome(Mkdir("/none/d")), "ENOENT");
  EXPECT_EQ(Outcome(Mkdir("/d/e/")), "ok");
}

TEST_F(NameiTest, NewFilesLoseTheUmask) {
  fs_.set_umask(027);
  ASSERT_TRUE(Mkdir("/d", 0777).ok());
  Touch("/d/f");
  EXPECT_EQ(Stat("/d").mode, kS_IFDIR | 0750u);
  EXPECT_EQ(Stat("/d/f").mode, kS_IFREG | 0640u);
  ASSERT_TRUE(Symlink("f", "/d/l").ok());
  EXPECT_EQ(Stat("/d/l").mode, kS_IFLNK | 0777u);
}

TEST_F(NameiTest, ASetGroupIdDirectoryGivesItsGroup) {
  ASSERT_TRUE(Mkdir("/d").ok());
  AttrChange change;
  change.gid = 7;
  change.mode = kS_ISGID | 0777;
  ASSERT_TRUE(Lookup("/d")->inode()->SetAttr(change).ok());
  BecomeUser(1000);
  Touch("/d/f");
  ASSERT_TRUE(Mkdir("/d/sub").ok());
  EXPECT_EQ(Stat("/d/f").gid, 7u);
  EXPECT_EQ(Stat("/d/sub").mode, kS_IFDIR | kS_ISGID | 0755u);
}

TEST_F(NameiTest, UnlinkAndRmdirKnowTheirTypes) {
  ASSERT_TRUE(Mkdir("/d").ok());
  Touch("/d/f");
  EXPECT_EQ(Outcome(Unlink("/d")), "EISDIR");
  EXPECT_EQ(Outcome(Rmdir("/d/f")), "ENOTDIR");
  EXPECT_EQ(Outcome(Rmdir("/d")), "ENOTEMPTY");
  EXPECT_EQ(Outcome(Unlink("/d/f/")), "ENOTDIR");
  EXPECT_EQ(Outcome(Unlink("/d/f")), "ok");
  EXPECT_EQ(Outcome(Unlink("/d/f")), "ENOENT");
  EXPECT_EQ(Outcome(Rmdir("/d/.")), "EINVAL");
  EXPECT_EQ(Outcome(Rmdir("/d/..")), "ENOTEMPTY");
  EXPECT_EQ(Outcome(Rmdir("/")), "EBUSY");
  EXPECT_EQ(Outcome(Rmdir("/d/")), "ok");
}

TEST_F(NameiTest, ARemovedDirectoryTakesNoNewNames) {
  ASSERT_TRUE(Mkdir("/d").ok());
  fs_.set_cwd(*Lookup("/d"));
  ASSERT_TRUE(Rmdir("/d").ok());
  EXPECT_EQ(Outcome(Mkdir("x")), "ENOENT");
  EXPECT_EQ(Outcome(Open("x", kO_CREAT | kO_RDWR)), "ENOENT");
  EXPECT_EQ(DPath(fs_.cwd()), "/d (deleted)");
}

TEST_F(NameiTest, AStickyDirectoryKeepsOthersFilesSafe) {
  ASSERT_TRUE(vfs_.MakeDirs("/tmp", 01777).ok());
  Touch("/tmp/roots");
  BecomeUser(1000);
  Touch("/tmp/mine");
  EXPECT_EQ(Outcome(Unlink("/tmp/roots")), "EPERM");
  EXPECT_EQ(Outcome(Rename("/tmp/roots", "/tmp/x")), "EPERM");
  EXPECT_EQ(Outcome(Unlink("/tmp/mine")), "ok");
}

TEST_F(NameiTest, AHardLinkIsTheSameFile) {
  Touch("/f");
  Write("/f", 0, "text");
  ASSERT_TRUE(Mkdir("/d").ok());
  EXPECT_EQ(Outcome(Link("/f", "/g")), "ok");
  EXPECT_EQ(Stat("/g").ino, Stat("/f").ino);
  EXPECT_EQ(Stat("/g").nlink, 2u);
  EXPECT_EQ(Outcome(Link("/f", "/g")), "EEXIST");
  EXPECT_EQ(Outcome(Link("/d", "/e")), "EPERM");
  ASSERT_TRUE(Unlink("/f").ok());
  EXPECT_EQ(Read("/g"), "text");
  EXPECT_EQ(Stat("/g").nlink, 1u);
}

TEST_F(NameiTest, DirectoriesCountTheirSubdirectories) {
  ASSERT_TRUE(Mkdir("/d").ok());
  EXPECT_EQ(Stat("/d").nlink, 2u);
  ASSERT_TRUE(Mkdir("/d/a").ok());
  ASSERT_TRUE(Mkdir("/e").ok());
  EXPECT_EQ(Stat("/d").nlink, 3u);
  ASSERT_TRUE(Rename("/d/a", "/e/a").ok());
  EXPECT_EQ(Stat("/d").nlink, 2u);
  EXPECT_EQ(Stat("/e").nlink, 3u);
  ASSERT_TRUE(Rmdir("/e/a").ok());
  EXPECT_EQ(Stat("/e").nlink, 2u);
}

TEST_F(NameiTest, RenameReplacesWhatFits) {
  Touch("/f");
  Touch("/g");
  ASSERT_TRUE(Mkdir("/d").ok());
  ASSERT_TRUE(Mkdir("/e").ok());
  Touch("/e/x");
  EXPECT_EQ(Outcome(Rename("/f", "/d")), "EISDIR");
  EXPECT_EQ(Outcome(Rename("/d", "/f")), "ENOTDIR");
  EXPECT_EQ(Outcome(Rename("/d", "/e")), "ENOTEMPTY");
  EXPECT_EQ(Outcome(Rename("/d", "/d/inside")), "EINVAL");
  EXPECT_EQ(Outcome(Rename("/e/x", "/e")), "ENOTEMPTY");
  EXPECT_EQ(Outcome(Rename("/none", "/h")), "ENOENT");
  EXPECT_EQ(Outcome(Rename("/f", "/h/")), "ENOTDIR");
  EXPECT_EQ(Outcome(Rename("/d", "/.")), "EBUSY");
  EXPECT_EQ(Outcome(Rename("/f", "/g", 1)), "EEXIST");
  const uint64_t ino = Stat("/f").ino;
  EXPECT_EQ(Outcome(Rename("/f", "/g")), "ok");
  EXPECT_EQ(Stat("/g").ino, ino);
  EXPECT_EQ(Outcome(Rename("/e", "/d")), "ok");
  EXPECT_THAT(List("/d"), ElementsAre(".", "..", "x"));
}

TEST_F(NameiTest, RenameBetweenTwoNamesOfOneFileDoesNothing) {
  Touch("/f");
  ASSERT_TRUE(Link("/f", "/g").ok());
  EXPECT_EQ(Outcome(Rename("/f", "/g")), "ok");
  EXPECT_EQ(Outcome(Lookup("/f")), "ok");
  EXPECT_EQ(Outcome(Lookup("/g")), "ok");
}

TEST_F(NameiTest, ExchangeSwapsAFileAndADirectory) {
  Touch("/f");
  ASSERT_TRUE(vfs_.MakeDirs("/p/d").ok());
  const uint64_t file = Stat("/f").ino, dir = Stat("/p/d").ino;
  EXPECT_EQ(Outcome(Rename("/f", "/none", 2)), "ENOENT");
  EXPECT_EQ(Outcome(Rename("/f", "/p/d", 2)), "ok");
  EXPECT_EQ(Stat("/f").ino, dir);
  EXPECT_EQ(Stat("/p/d").ino, file);
  EXPECT_EQ(Stat("/p").nlink, 2u);
}

TEST_F(NameiTest, OpenFilesAndWorkingDirectoriesFollowARename) {
  ASSERT_TRUE(vfs_.MakeDirs("/a/b").ok());
  Touch("/a/b/f");
  const auto file = *Open("/a/b/f", kO_RDONLY);
  fs_.set_cwd(*Lookup("/a/b"));
  ASSERT_TRUE(Rename("/a", "/z").ok());
  EXPECT_EQ(file->LinkName(), "/z/b/f");
  EXPECT_EQ(DPath(fs_.cwd()), "/z/b");
  ASSERT_TRUE(Unlink("f").ok());
  EXPECT_EQ(file->LinkName(), "/z/b/f (deleted)");
}

TEST_F(NameiTest, AMountPointIsBusy) {
  ASSERT_TRUE(vfs_.MakeDirs("/m").ok());
  ASSERT_TRUE(vfs_.MakeDirs("/src").ok());
  ASSERT_TRUE(
      vfs_.MountAt("/m", Lookup("/src")->inode(), ReadOnly::kYes, "s").ok());
  EXPECT_EQ(Outcome(Rmdir("/m")), "EBUSY");
  EXPECT_EQ(Outcome(Rename("/m", "/n")), "EBUSY");
  EXPECT_EQ(Outcome(Mkdir("/m/x")), "EROFS");
  EXPECT_EQ(Outcome(Rename("/src", "/m/y")), "EXDEV");
}

TEST_F(NameiTest, DeviceNodesNeedTheCapability) {
  EXPECT_EQ(Outcome(MakeNode(Me(), Here(), "/c", kS_IFCHR | 0666, {1, 3})),
            "ok");
  EXPECT_EQ(Stat("/c").rdev, (DevId{1, 3}));
  ASSERT_TRUE(vfs_.MakeDirs("/w", 0777).ok());
  BecomeUser(1000);
  EXPECT_EQ(Outcome(MakeNode(Me(), Here(), "/w/c", kS_IFCHR | 0666, {1, 3})),
            "EPERM");
  EXPECT_EQ(Outcome(MakeNode(Me(), Here(), "/w/p", kS_IFIFO | 0666)), "ok");
}

}  // namespace
}  // namespace faultline::os
