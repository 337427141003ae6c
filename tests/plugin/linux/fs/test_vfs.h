#ifndef FAULTLINE_TESTS_PLUGIN_LINUX_FS_TEST_VFS_H_
#define FAULTLINE_TESTS_PLUGIN_LINUX_FS_TEST_VFS_H_

// A tree of files without a machine around it, and a user to walk it.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "guest_mm/phys/phys_mem.h"
#include "plugin/linux/fs/dir_file.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/fs/vfs.h"

namespace faultline::os {

// errno of a result as a word, "ok" for success: reads well in expectations.
template <typename T>
std::string Outcome(const ErrnoOr<T>& r) {
  return r.ok() ? "ok" : std::string(ErrnoName(r.error()));
}

class VfsTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kMemory = 16 << 20;

  VfsTest()
      : phys_(*mm::PhysMem::Create(kMemory, mm::kPageShift4K)),
        vfs_(*phys_, mm::Slab::Create(*phys_), Vfs::Options()),
        fs_(vfs_.root(), vfs_.root()) {}

  Caller Me() const { return {cred_, fs_, nullptr}; }
  // An ordinary user from here on.
  void BecomeUser(uint32_t uid) {
    cred_.uid = cred_.euid = cred_.suid = cred_.fsuid = uid;
    cred_.gid = cred_.egid = cred_.sgid = cred_.fsgid = uid;
    cred_.cap_effective = cred_.cap_permitted = 0;
  }
  Path Here() const { return fs_.cwd(); }

  ErrnoOr<std::shared_ptr<File>> Open(const std::string& path, uint32_t flags,
                                      uint32_t mode = 0644,
                                      uint64_t resolve = 0) {
    return OpenPath(vfs_, Me(), Here(), path, {flags, mode, resolve});
  }
  ErrnoOr<Done> Mkdir(const std::string& path, uint32_t mode = 0755) {
    return MakeNode(Me(), Here(), path, kS_IFDIR | mode);
  }
  ErrnoOr<Done> Symlink(const std::string& target, const std::string& path) {
    return MakeNode(Me(), Here(), path, kS_IFLNK, {}, target);
  }
  ErrnoOr<Done> Unlink(const std::string& path) {
    return UnlinkPath(Me(), Here(), path);
  }
  ErrnoOr<Done> Rmdir(const std::string& path) {
    return RemoveDir(Me(), Here(), path);
  }
  ErrnoOr<Done> Rename(const std::string& from, const std::string& to,
                       unsigned flags = 0) {
    return RenamePath(Me(), Here(), from, Here(), to, flags);
  }
  ErrnoOr<Path> Lookup(const std::string& path, Follow follow = Follow::kYes,
                       uint64_t resolve = 0) {
    return LookupPath(Me(), Here(), path, {follow, resolve});
  }
  ErrnoOr<Done> Link(const std::string& from, const std::string& to) {
    FL_ASSIGN(const Path path, Lookup(from, Follow::kNo));
    return LinkPath(Me(), path, Here(), to);
  }
  void Touch(const std::string& path) {
    ASSERT_EQ(Outcome(Open(path, kO_CREAT | kO_WRONLY)), "ok") << path;
  }
  KStat Stat(const std::string& path) {
    return Lookup(path, Follow::kNo)->inode()->Stat();
  }

  // Holds the inode: nothing else may, once the walk is over.
  std::shared_ptr<RegularInode> Regular(const std::string& path) {
    return std::static_pointer_cast<RegularInode>(Lookup(path)->inode());
  }
  void Write(const std::string& path, uint64_t offset,
             const std::string& text) {
    IovIter from = IovIter::Kernel(absl::MakeConstSpan(
        reinterpret_cast<const std::byte*>(text.data()), text.size()));
    ASSERT_EQ(*Regular(path)->WritePages(offset, from), text.size());
  }
  std::string Read(const std::string& path, uint64_t offset = 0,
                   size_t n = 1 << 16) {
    std::string text(n, '?');
    IovIter to = IovIter::Kernel(
        absl::MakeSpan(reinterpret_cast<std::byte*>(text.data()), text.size()));
    const ErrnoOr<uint64_t> got = Regular(path)->ReadPages(offset, to);
    text.resize(got.ok() ? size_t(*got) : 0);
    return text;
  }
  // Names in the directory, as listed.
  std::vector<std::string> List(const std::string& path) {
    std::vector<std::string> names;
    auto file = *Open(path, kO_RDONLY | kO_DIRECTORY);
    EXPECT_TRUE(static_cast<DirFile&>(*file)
                    .Iterate(Me(),
                             [&](const DirEntry& e) {
                               names.emplace_back(e.name);
                               return true;
                             })
                    .ok());
    return names;
  }

  std::unique_ptr<mm::PhysMem> phys_;
  Vfs vfs_;
  Credentials cred_;
  FsContext fs_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_TESTS_PLUGIN_LINUX_FS_TEST_VFS_H_
