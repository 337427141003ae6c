// Covers: plugin/linux/fs/host_dir.cc plugin/linux/fs/host_regular.cc

#include "plugin/linux/fs/host_fs.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "plugin/linux/fs/host_node.h"
#include "tests/plugin/linux/fs/test_vfs.h"

namespace faultline::os {
namespace {

using ::testing::ElementsAre;

class HostFsTest : public VfsTest {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "/hostfs.XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    outside_ = name;
    host_ = name + "/bound";
    ASSERT_EQ(::mkdir(host_.c_str(), 0755), 0);
    Put(outside_ + "/secret", "secret");
    Put(host_ + "/file", "hello");
    ASSERT_EQ(::mkdir((host_ + "/dir").c_str(), 0755), 0);
    Put(host_ + "/dir/b", "b");
    Put(host_ + "/dir/a", "a");
  }
  void TearDown() override {
    const std::string command = "rm -r '" + outside_ + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  void Bind(ReadOnly read_only) {
    ASSERT_TRUE(vfs_.Bind(host_, "/mnt/host", read_only).ok());
  }
  static void Put(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  static std::string Get(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  std::string outside_, host_;
};

TEST_F(HostFsTest, ShowsTheHostsFiles) {
  Bind(ReadOnly::kYes);
  EXPECT_EQ(Read("/mnt/host/file"), "hello");
  EXPECT_EQ(Stat("/mnt/host/file").size, 5u);
  EXPECT_EQ(Stat("/mnt/host/file").uid, 0u);
  EXPECT_THAT(List("/mnt/host/dir"), ElementsAre(".", "..", "a", "b"));
  EXPECT_EQ(Outcome(Lookup("/mnt/host/none")), "ENOENT");
}

TEST_F(HostFsTest, NothingOutsideCanBeReached) {
  ASSERT_EQ(::symlink("../secret", (host_ + "/up").c_str()), 0);
  ASSERT_EQ(::symlink((outside_ + "/secret").c_str(), (host_ + "/abs").c_str()),
            0);
  ASSERT_EQ(::symlink("/proc/self/fd/0", (host_ + "/magic").c_str()), 0);
  ASSERT_EQ(::symlink("..", (host_ + "/dir/back").c_str()), 0);
  Bind(ReadOnly::kYes);
  EXPECT_EQ(Outcome(Open("/mnt/host/up", kO_RDONLY)), "ENOENT");
  EXPECT_EQ(Outcome(Open("/mnt/host/abs", kO_RDONLY)), "ENOENT");
  EXPECT_EQ(Outcome(Open("/mnt/host/magic", kO_RDONLY)), "ENOENT");
  EXPECT_EQ(Outcome(Open("/mnt/host/../secret", kO_RDONLY)), "ENOENT");
  EXPECT_EQ(Outcome(Open("/mnt/host/dir/../../secret", kO_RDONLY)), "ENOENT");
  EXPECT_EQ(Outcome(Open("/mnt/host/dir/back/file", kO_RDONLY)), "ok");
  // The links mean something in the guest's own tree.
  ASSERT_TRUE(vfs_.WriteFile("/mnt/secret", "guest's").ok());
  EXPECT_EQ(Read("/mnt/host/up"), "guest's");
}

TEST_F(HostFsTest, AReadOnlyBindChangesNothing) {
  Bind(ReadOnly::kYes);
  EXPECT_EQ(Outcome(Open("/mnt/host/file", kO_RDWR)), "EROFS");
  EXPECT_EQ(Outcome(Open("/mnt/host/file", kO_RDONLY | kO_TRUNC)), "EROFS");
  EXPECT_EQ(Outcome(Open("/mnt/host/new", kO_CREAT | kO_RDWR)), "EROFS");
  EXPECT_EQ(Outcome(Mkdir("/mnt/host/new")), "EROFS");
  EXPECT_EQ(Outcome(Unlink("/mnt/host/file")), "EROFS");
  EXPECT_EQ(Outcome(Rename("/mnt/host/file", "/mnt/host/x")), "EROFS");
  EXPECT_EQ(Get(host_ + "/file"), "hello");
}

TEST_F(HostFsTest, WritesReachTheHostWhenTheFileIsClosed) {
  Bind(ReadOnly::kNo);
  {
    const auto file = *Open("/mnt/host/file", kO_RDWR);
    Write("/mnt/host/file", 3, "P! and more");
    EXPECT_EQ(Read("/mnt/host/file"), "helP! and more");
  }
  EXPECT_EQ(Get(host_ + "/file"), "helP! and more");
}

TEST_F(HostFsTest, NamesAreMadeAndRemovedOnTheHost) {
  Bind(ReadOnly::kNo);
  ASSERT_TRUE(Mkdir("/mnt/host/d").ok());
  Touch("/mnt/host/d/f");
  ASSERT_TRUE(Rename("/mnt/host/d/f", "/mnt/host/g").ok());
  ASSERT_TRUE(Symlink("g", "/mnt/host/l").ok());
  ASSERT_TRUE(Link("/mnt/host/g", "/mnt/host/h").ok());
  struct stat st;
  EXPECT_EQ(::stat((host_ + "/h").c_str(), &st), 0);
  EXPECT_EQ(st.st_nlink, 2u);
  EXPECT_EQ(Outcome(Rmdir("/mnt/host/dir")), "ENOTEMPTY");
  ASSERT_TRUE(Rmdir("/mnt/host/d").ok());
  ASSERT_TRUE(Unlink("/mnt/host/l").ok());
  EXPECT_NE(::lstat((host_ + "/l").c_str(), &st), 0);
  // No way to make a device on the host.
  EXPECT_EQ(
      Outcome(MakeNode(Me(), Here(), "/mnt/host/dev", kS_IFCHR | 0666, {1, 1})),
      "EPERM");
}

TEST_F(HostFsTest, AHostFifoIsNotOpened) {
  ASSERT_EQ(::mkfifo((host_ + "/fifo").c_str(), 0666), 0);
  Bind(ReadOnly::kNo);
  EXPECT_EQ(Outcome(Open("/mnt/host/fifo", kO_RDONLY)), "ENXIO");
}

TEST_F(HostFsTest, ASingleFileCanBeBound) {
  ASSERT_TRUE(vfs_.Bind(host_ + "/file", "/opt/x/prog", ReadOnly::kYes).ok());
  EXPECT_EQ(Read("/opt/x/prog"), "hello");
  EXPECT_EQ(DPath(*Lookup("/opt/x/prog")), "/opt/x/prog");
  EXPECT_THAT(List("/opt/x"), ElementsAre(".", "..", "prog"));
  EXPECT_EQ(Outcome(Unlink("/opt/x/prog")), "EBUSY");
}

TEST_F(HostFsTest, ASingleFileCanBeBoundAtTheTop) {
  ASSERT_TRUE(vfs_.Bind(host_ + "/file", "/prog", ReadOnly::kYes).ok());
  EXPECT_EQ(Read("/prog"), "hello");
  EXPECT_EQ(Outcome(Open("/prog", kO_RDWR)), "EROFS");
  EXPECT_EQ(Outcome(Open("/prog/../secret", kO_RDONLY)), "ENOTDIR");
}

TEST_F(HostFsTest, ASingleFileBoundForWritingIsWrittenToTheHost) {
  ASSERT_TRUE(vfs_.Bind(host_ + "/file", "/prog", ReadOnly::kNo).ok());
  {
    const auto file = *Open("/prog", kO_RDWR);
    Write("/prog", 0, "J");
  }
  EXPECT_EQ(Get(host_ + "/file"), "Jello");
}

TEST_F(HostFsTest, NothingIsBoundOverTheRoot) {
  for (const char* at : {"", "/", "//", "relative"}) {
    EXPECT_EQ(vfs_.Bind(host_, at, ReadOnly::kYes).code(),
              absl::StatusCode::kInvalidArgument)
        << at;
  }
}

TEST_F(HostFsTest, HostFilesHaveABackingStoreAndOthersAreShmem) {
  Bind(ReadOnly::kNo);
  Touch("/here");
  const auto kind = [&](const std::string& path) {
    return std::static_pointer_cast<RegularInode>(Lookup(path)->inode())
        ->mapping()
        .kind();
  };
  EXPECT_EQ(kind("/mnt/host/file"), mm::Mapping::Kind::kRegular);
  EXPECT_EQ(kind("/here"), mm::Mapping::Kind::kShmem);
}

TEST_F(HostFsTest, AMissingHostPathIsNotFound) {
  EXPECT_EQ(vfs_.Bind(host_ + "/none", "/x", ReadOnly::kYes).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(HostFsTest, OneFileHasOnePageCacheHoweverItIsReached) {
  ASSERT_EQ(::link((host_ + "/file").c_str(), (host_ + "/same").c_str()), 0);
  Bind(ReadOnly::kNo);
  const auto keep = *Open("/mnt/host/file", kO_RDWR);
  Write("/mnt/host/file", 0, "J");
  EXPECT_EQ(Read("/mnt/host/same"), "Jello");
  EXPECT_EQ(Stat("/mnt/host/same").ino, Stat("/mnt/host/file").ino);
}

TEST_F(HostFsTest, AFileTheHostChangedIsReadAnewWhenOpened) {
  Bind(ReadOnly::kYes);
  EXPECT_EQ(Read("/mnt/host/file"), "hello");
  const auto keep = *Open("/mnt/host/file", kO_RDONLY);
  Put(host_ + "/file", "changed on the host");
  struct timespec times[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (host_ + "/file").c_str(), times, 0), 0);
  ASSERT_TRUE(Open("/mnt/host/file", kO_RDONLY).ok());
  EXPECT_EQ(Read("/mnt/host/file"), "changed on the host");
}

TEST_F(HostFsTest, AReadOnlyBindLooksTheSameOnEveryMachine) {
  ASSERT_EQ(::link((host_ + "/file").c_str(), (host_ + "/same").c_str()), 0);
  struct timespec times[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (host_ + "/file").c_str(), times, 0), 0);
  Bind(ReadOnly::kYes);
  const KStat file = Stat("/mnt/host/file");
  EXPECT_EQ(file.mtime, vfs_.clock().epoch());
  EXPECT_EQ(file.ctime, vfs_.clock().epoch());
  EXPECT_EQ(file.nlink, 1u);
  EXPECT_EQ(file.blocks, 8u);
  const KStat dir = Stat("/mnt/host/dir");
  EXPECT_EQ(dir.size, 4096u);
  EXPECT_EQ(dir.nlink, 1u);
  EXPECT_EQ(dir.blocks, 8u);
}

TEST_F(HostFsTest, AWritableBindShowsTheHostsTimes) {
  struct timespec times[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (host_ + "/file").c_str(), times, 0), 0);
  Bind(ReadOnly::kNo);
  EXPECT_EQ(Stat("/mnt/host/file").mtime, Timestamp::FromTimespec(1000, 0));
}

TEST_F(HostFsTest, NoSetUserIdFileIsMadeOnTheHost) {
  Bind(ReadOnly::kNo);
  ASSERT_TRUE(Open("/mnt/host/lent", kO_CREAT | kO_WRONLY, 06755).ok());
  struct stat st;
  ASSERT_EQ(::stat((host_ + "/lent").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0755u);
  AttrChange change;
  change.mode = 04711;
  ASSERT_TRUE(Lookup("/mnt/host/lent")->inode()->SetAttr(change).ok());
  ASSERT_EQ(::stat((host_ + "/lent").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0711u);
  EXPECT_EQ(Stat("/mnt/host/lent").mode & 07777, 0711u);
  ASSERT_TRUE(Mkdir("/mnt/host/sticky", 07777).ok());
  ASSERT_EQ(::stat((host_ + "/sticky").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07000, 0u);
}

TEST_F(HostFsTest, ASizeTheHostRefusesChangesNothing) {
  Bind(ReadOnly::kNo);
  const auto file = *Open("/mnt/host/file", kO_RDWR);
  struct rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = before;
  small.rlim_cur = 4096;
  const auto old = ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string outcome =
      Outcome(Regular("/mnt/host/file")->Truncate(8192));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, old);
  EXPECT_EQ(outcome, "EFBIG");
  EXPECT_EQ(Stat("/mnt/host/file").size, 5u);
  EXPECT_EQ(Read("/mnt/host/file"), "hello");
}

TEST_F(HostFsTest, WithoutHostDescriptorsAnOpenFailsAsOnAFullMachine) {
  Bind(ReadOnly::kYes);
  // UBSan needs descriptors to look at a type for the first time.
  ASSERT_EQ(Outcome(Open("/mnt/host/file", kO_RDONLY)), "ok");
  ASSERT_EQ(Outcome(Lookup("/mnt/host/dir/a")), "ok");
  struct rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = ::dup(0);
  ASSERT_GE(next, 0);
  ::close(next);
  for (int spare = 0; spare < 4; ++spare) {
    struct rlimit small = before;
    small.rlim_cur = rlim_t(next + spare);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &small), 0);
    const std::string outcome = Outcome(Open("/mnt/host/file", kO_RDONLY));
    const std::string found = Outcome(Lookup("/mnt/host/dir/a"));
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    if (spare < 2) {  // a place and a file to read from
      EXPECT_EQ(outcome, "ENFILE") << spare;
      EXPECT_EQ(found, "ENFILE") << spare;
    }
  }
  EXPECT_EQ(Read("/mnt/host/file"), "hello");
}

TEST_F(HostFsTest, FilesThatAreGoneAreForgotten) {
  Bind(ReadOnly::kNo);
  Touch("/mnt/host/0");
  ASSERT_TRUE(Unlink("/mnt/host/0").ok());
  const Path root = *Lookup("/mnt/host");
  const auto& fs = static_cast<const HostFs&>(root.inode()->fs());
  const size_t remembered = fs.remembered();
  for (int i = 1; i < 50; ++i) {
    const std::string name = "/mnt/host/" + std::to_string(i);
    Touch(name);
    ASSERT_TRUE(Unlink(name).ok());
    ASSERT_TRUE(Mkdir(name).ok());
    ASSERT_TRUE(Rmdir(name).ok());
  }
  EXPECT_EQ(fs.remembered(), remembered);
  EXPECT_LE(fs.living(), 2u);
}

}  // namespace
}  // namespace faultline::os
