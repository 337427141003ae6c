#include "plugin/linux/fs/path_walk.h"

#include <gtest/gtest.h>

#include "tests/plugin/linux/fs/test_vfs.h"

namespace faultline::os {
namespace {

class PathWalkTest : public VfsTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(vfs_.MakeDirs("/a/b/c").ok());
    Touch("/a/file");
  }
  std::string NameOf(const std::string& path) {
    const ErrnoOr<Path> found = Lookup(path);
    return found.ok() ? DPath(*found) : std::string(ErrnoName(found.error()));
  }
};

TEST_F(PathWalkTest, DotsAndSlashesMeanWhatTheyMeanOnLinux) {
  EXPECT_EQ(NameOf("/a/./b//c/../.."), "/a");
  EXPECT_EQ(NameOf("/../../a"), "/a");
  EXPECT_EQ(NameOf("/"), "/");
  EXPECT_EQ(NameOf("///"), "/");
  EXPECT_EQ(NameOf("a/b/"), "/a/b");
  EXPECT_EQ(NameOf(""), "ENOENT");
}

TEST_F(PathWalkTest, OnlyDirectoriesCanBeWalkedThrough) {
  EXPECT_EQ(NameOf("/a/file/x"), "ENOTDIR");
  EXPECT_EQ(NameOf("/a/file/"), "ENOTDIR");
  EXPECT_EQ(NameOf("/a/file/.."), "ENOTDIR");
  EXPECT_EQ(NameOf("/a/none/x"), "ENOENT");
}

TEST_F(PathWalkTest, LongNamesAreRefused) {
  EXPECT_EQ(NameOf("/" + std::string(255, 'x')), "ENOENT");
  EXPECT_EQ(NameOf("/" + std::string(256, 'x')), "ENAMETOOLONG");
  EXPECT_EQ(NameOf(std::string(4096, '/')), "ENAMETOOLONG");
  EXPECT_EQ(NameOf(std::string(4095, '/')), "/");
}

TEST_F(PathWalkTest, SymbolicLinksAreFollowedWhereLinuxFollowsThem) {
  ASSERT_TRUE(Symlink("b/c", "/a/rel").ok());
  ASSERT_TRUE(Symlink("/a", "/abs").ok());
  ASSERT_TRUE(Symlink("file", "/a/tofile").ok());
  EXPECT_EQ(NameOf("/a/rel"), "/a/b/c");
  EXPECT_EQ(NameOf("/abs/b"), "/a/b");
  EXPECT_EQ(NameOf("/abs/rel/.."), "/a/b");
  EXPECT_EQ(NameOf("/a/tofile"), "/a/file");
  EXPECT_EQ(NameOf("/a/tofile/"), "ENOTDIR");
  EXPECT_EQ(DPath(*Lookup("/a/rel", Follow::kNo)), "/a/rel");
  // A trailing slash follows even so.
  EXPECT_EQ(DPath(*Lookup("/a/rel/", Follow::kNo)), "/a/b/c");
}

TEST_F(PathWalkTest, AtMostFortyLinksAreFollowed) {
  ASSERT_TRUE(Symlink("loop", "/loop").ok());
  EXPECT_EQ(NameOf("/loop"), "ELOOP");
  ASSERT_TRUE(Symlink("a", "/l0").ok());
  for (int i = 1; i <= 40; ++i) {
    ASSERT_TRUE(
        Symlink("l" + std::to_string(i - 1), "/l" + std::to_string(i)).ok());
  }
  EXPECT_EQ(NameOf("/l39"), "/a");
  EXPECT_EQ(NameOf("/l40"), "ELOOP");
}

TEST_F(PathWalkTest, SearchPermissionIsNeededOnEveryDirectory) {
  AttrChange change;
  change.mode = 0700;
  ASSERT_TRUE(Lookup("/a/b")->inode()->SetAttr(change).ok());
  EXPECT_EQ(NameOf("/a/b/c"), "/a/b/c");
  BecomeUser(1000);
  EXPECT_EQ(NameOf("/a/b/c"), "EACCES");
  EXPECT_EQ(NameOf("/a/b"), "/a/b");
}

TEST_F(PathWalkTest, ARootIsTheEndOfDotDot) {
  fs_.set_root(*Lookup("/a"));
  fs_.set_cwd(*Lookup("/"));
  EXPECT_EQ(NameOf("/.."), "/a");
  EXPECT_EQ(NameOf("../../b"), "/a/b");
}

TEST_F(PathWalkTest, ResolveFlagsConfineTheWalk) {
  ASSERT_TRUE(Symlink("/a", "/a/b/abs").ok());
  ASSERT_TRUE(Symlink("c", "/a/b/rel").ok());
  fs_.set_cwd(*Lookup("/a/b"));
  EXPECT_EQ(Outcome(Lookup("..", Follow::kYes, kResolveBeneath)), "EXDEV");
  EXPECT_EQ(Outcome(Lookup("abs", Follow::kYes, kResolveBeneath)), "EXDEV");
  EXPECT_EQ(Outcome(Lookup("c/..", Follow::kYes, kResolveBeneath)), "ok");
  EXPECT_EQ(DPath(*Lookup("../..", Follow::kYes, kResolveInRoot)), "/a/b");
  EXPECT_EQ(DPath(*Lookup("/c", Follow::kYes, kResolveInRoot)), "/a/b/c");
  EXPECT_EQ(Outcome(Lookup("rel", Follow::kYes, kResolveNoSymlinks)), "ELOOP");
}

TEST_F(PathWalkTest, DotDotLeavesAMount) {
  ASSERT_TRUE(
      vfs_.MountAt("/a/b", Lookup("/a")->inode(), ReadOnly::kYes, "x").ok());
  EXPECT_EQ(NameOf("/a/b/file"), "/a/b/file");
  EXPECT_EQ(NameOf("/a/b/.."), "/a");
  EXPECT_EQ(Outcome(Lookup("/a/b", Follow::kYes, kResolveNoXdev)), "EXDEV");
}

}  // namespace
}  // namespace faultline::os
