#ifndef FAULTLINE_PLUGIN_LINUX_FS_INODE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_INODE_H_

// Inode: a file of any type, without a name. Linux: struct inode and
// inode_operations. A file system's kinds override what they can do; the rest
// answers as Linux does for a missing operation.
//
// Permission to do what is asked has been checked by the caller (namei.h), as
// has a read-only mount; names are single components, never "." or "..".

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/phys/slab.h"
#include "guest_mm/sync/lock.h"
#include "plugin/linux/fs/caller.h"
#include "plugin/linux/fs/file.h"
#include "plugin/linux/fs/file_system.h"
#include "plugin/linux/fs/kstat.h"

namespace faultline::os {

class FileLocks;

// Held while a file's size or bytes are changed by a call, user memory copied
// meanwhile. Linux: inode.i_rwsem.
inline constexpr mm::LockClass kInodeLock{
    "i_rwsem", {"i_rwsem.locked"}, {"i_rwsem.unlocked"}, 7};

// The device number of Linux's anonymous inodes' file system is 0:this.
inline constexpr uint32_t kAnonInodeMinor = 15;

// What inode_permission() is asked for.
inline constexpr unsigned kMayExec = 1;
inline constexpr unsigned kMayWrite = 2;
inline constexpr unsigned kMayRead = 4;

// setattr(): what is to change; absent fields stay. Linux: struct iattr.
struct AttrChange {
  std::optional<uint32_t> mode;  // permission bits only
  std::optional<uint32_t> uid, gid;
  std::optional<Timestamp> atime, mtime;
};

// A file to be made. `mode` has its type and permissions, umask applied.
struct NewNode {
  uint32_t mode = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  DevId rdev;          // device nodes
  std::string target;  // symbolic links
};

// What stands behind an opened fifo; plugin/linux/ipc's pipe implements it.
class FifoState {
 public:
  virtual ~FifoState() = default;
};

class Inode : public std::enable_shared_from_this<Inode> {
 public:
  Inode(std::shared_ptr<FileSystem> fs, uint64_t ino, uint32_t mode);
  virtual ~Inode();
  Inode(const Inode&) = delete;
  Inode& operator=(const Inode&) = delete;

  FileSystem& fs() const { return *fs_; }
  const std::shared_ptr<FileSystem>& fs_ptr() const { return fs_; }
  uint64_t ino() const { return ino_; }
  uint32_t type() const { return mode_ & kS_IFMT; }
  bool is_dir() const { return type() == kS_IFDIR; }
  bool is_symlink() const { return type() == kS_IFLNK; }
  bool is_regular() const { return type() == kS_IFREG; }
  uint32_t mode() const { return mode_; }
  uint32_t uid() const { return uid_; }
  uint32_t gid() const { return gid_; }
  uint32_t nlink() const { return nlink_; }
  DevId rdev() const { return rdev_; }

  virtual uint64_t size() const { return 0; }
  virtual KStat Stat();
  // chmod, chown, utimensat. Sets ctime. kEPERM where a file system has none.
  virtual ErrnoOr<Done> SetAttr(const AttrChange& change);
  // truncate(2) of a regular file. kEINVAL unless overridden.
  virtual ErrnoOr<Done> Truncate(uint64_t size);

  // generic_permission(): the mode bits, root's capabilities. kEACCES.
  virtual ErrnoOr<Done> Permission(const Caller& caller, unsigned mask);

  // --- directories; kENOTDIR, or kEPERM for changes (kEACCES for a
  // new file), unless overridden ---
  virtual ErrnoOr<std::shared_ptr<Inode>> Lookup(const Caller& caller,
                                                 absl::string_view name);
  // `name` is known not to exist.
  virtual ErrnoOr<std::shared_ptr<Inode>> Create(absl::string_view name,
                                                 const NewNode& what);
  virtual ErrnoOr<Done> Link(absl::string_view name,
                             const std::shared_ptr<Inode>& target);
  // unlink and rmdir: `victim` is what `name` leads to. kENOTEMPTY.
  virtual ErrnoOr<Done> Unlink(absl::string_view name, Inode& victim);
  // `target` is what stands at the new place, or null; the types are known to
  // fit. kENOTEMPTY; kEXDEV between file systems was found before.
  struct RenameTo {
    Inode& dir;
    absl::string_view name;
    Inode* target = nullptr;
    bool exchange = false;
  };
  virtual ErrnoOr<Done> Rename(absl::string_view name, Inode& moved,
                               const RenameTo& to);
  // Entries from cookie `position` (>= 2; 0 and 1 are "." and "..") on, which
  // moves past every entry that `sink` takes.
  virtual ErrnoOr<Done> ReadDir(const Caller& caller, uint64_t& position,
                                DirSink sink);
  // A file without a name in this directory (O_TMPFILE). kEOPNOTSUPP.
  virtual ErrnoOr<std::shared_ptr<Inode>> MakeUnnamed(const NewNode& what);

  // --- symbolic links ---
  virtual ErrnoOr<std::string> ReadLink(const Caller& caller);
  // Linux's magic links (/proc/PID/fd/N, exe, cwd) lead to a place, not to a
  // name. Nothing: an ordinary link, resolve ReadLink()'s text.
  virtual ErrnoOr<std::optional<Path>> FollowMagic(const Caller& caller);

  // open(2), after permissions, O_CREAT and O_TRUNC were dealt with. Device
  // nodes and fifos are Vfs's. Unless overridden, a directory is a DirFile and
  // all else kENXIO.
  virtual ErrnoOr<std::shared_ptr<File>> Open(const Caller& caller,
                                              const Path& path, uint32_t flags);

  // read(2) looked at it: as mounted with relatime.
  void TouchAccess();
  // write(2) changed it.
  void TouchModify() { mtime_ = ctime_ = Now(); }
  void TouchChange() { ctime_ = Now(); }
  // For the directories of its file system: a name came or went.
  void AdjustLinks(int n) { nlink_ = uint32_t(int(nlink_) + n); }
  Timestamp mtime() const { return mtime_; }

  // What it pays that no directory entry pays for.
  void set_charge(mm::Slab::Charge charge) { charge_ = std::move(charge); }

  // Advisory locks on it, made when first asked for.
  FileLocks& locks();
  bool has_locks() const { return locks_ != nullptr; }
  std::shared_ptr<FifoState>& fifo() { return fifo_; }

  // For writing: whoever writes, truncates or seals a regular file. Reads of
  // the page cache do without, as Linux's do.
  mm::RwLock rwsem{kInodeLock};

 protected:
  Timestamp Now() const { return fs_->clock().Now(); }
  void SetTimes(Timestamp t) { atime_ = mtime_ = ctime_ = btime_ = t; }
  void InitFrom(const NewNode& what);

  uint32_t mode_;
  uint32_t uid_ = 0;
  uint32_t gid_ = 0;
  uint32_t nlink_ = 1;
  DevId rdev_;
  Timestamp atime_, mtime_, ctime_, btime_;

 private:
  std::shared_ptr<FileSystem> fs_;
  uint64_t ino_;
  mm::Slab::Charge charge_;
  std::unique_ptr<FileLocks> locks_;
  std::shared_ptr<FifoState> fifo_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_INODE_H_
