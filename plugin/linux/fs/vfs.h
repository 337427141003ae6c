#ifndef FAULTLINE_PLUGIN_LINUX_FS_VFS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_VFS_H_

// Vfs: the machine's one tree of files: its root file system in memory, what
// is mounted on it, its devices. Walking and changing it: namei.h.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/caller.h"
#include "plugin/linux/fs/file_system.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/path.h"

namespace faultline::mm {
class HugePagePool;
class Hugetlb;
class PhysMem;
}  // namespace faultline::mm

namespace faultline::os {

class ClosingFiles;

enum class IfBusy : uint8_t { kRefuse, kDetach };

class Vfs {
 public:
  struct Options {
    // Guest real time at virtual time 0. 2025-01-01 00:00:00 UTC.
    Timestamp epoch = Timestamp::FromTimespec(1'735'689'600, 0);
  };
  // An empty root directory; populate.h fills it. `phys` outlives it.
  Vfs(mm::PhysMem& phys, std::shared_ptr<mm::Slab> slab,
      const Options& options);
  ~Vfs();

  const FsClock& clock() const { return clock_; }
  mm::PhysMem& phys() { return phys_; }
  // Who pays for files, names, sockets and the like.
  const std::shared_ptr<mm::Slab>& slab() const { return slab_; }
  // What dropped messages carried, on its way out (closing_files.h).
  const std::shared_ptr<ClosingFiles>& closing_files() const {
    return closing_files_;
  }
  Path root() const { return {mounts_[0].get(), mounts_[0]->root}; }
  const std::vector<std::unique_ptr<Mount>>& mounts() const { return mounts_; }

  // A device number for a file system without a device: 0:n, in order.
  DevId NextDev() { return {0, ++last_minor_}; }
  // An inode number for a pipe or socket: 1, 2, ... in order of making.
  // Linux: get_next_ino().
  uint64_t NextAnonIno() { return ++last_anon_ino_; }

  // Mounts `fs_root` at absolute guest path `at`, which is made (with its
  // parents; a directory or an empty file, as fs_root is) if missing.
  // FailedPrecondition if something else is in the way.
  absl::Status MountAt(absl::string_view at, std::shared_ptr<Inode> fs_root,
                       ReadOnly read_only, std::string source);
  // mount(2) and umount2(2), once asked for rightly. MountOn: `place` is of the
  // kind that `fs_root` is, else kENOTDIR. Unmount: `place` is the root of a
  // mount, else kEINVAL; while anything of it is in use it is kEBUSY, or
  // (MNT_DETACH) out of the tree at once and gone with the machine.
  ErrnoOr<Done> MountOn(const Path& place, std::shared_ptr<Inode> fs_root,
                        ReadOnly read_only, std::string source);
  ErrnoOr<Done> Unmount(Path place, IfBusy if_busy);
  // --bind HOST:GUEST[:rw]. NotFound if the host has no such path.
  absl::Status Bind(const std::string& host, absl::string_view guest,
                    ReadOnly read_only);
  // mkdir -p in the guest, as root; the last one gets `mode` unless that is 0.
  absl::Status MakeDirs(absl::string_view path, uint32_t mode = 0);
  // A file or symbolic link in the guest, its directory exists.
  absl::Status WriteFile(absl::string_view path, absl::string_view contents,
                         uint32_t mode = 0644);
  absl::Status MakeLink(absl::string_view path, absl::string_view target);

  // What opening a character device does.
  using OpenDevice = std::function<ErrnoOr<std::shared_ptr<File>>(
      const Caller&, const Path&, uint32_t flags)>;
  void RegisterDevice(DevId dev, OpenDevice open);
  // Makes the node /dev/NAME and registers the device.
  void AddDevice(absl::string_view name, DevId dev, OpenDevice open,
                 uint32_t mode = 0666);
  // Makes the node of a block device, which nobody can open.
  absl::Status MakeBlockNode(absl::string_view path, DevId dev);
  // What opening a fifo does; plugin/linux/ipc sets it. Inode::fifo() is its
  // to use.
  void set_open_fifo(OpenDevice open) { open_fifo_ = std::move(open); }

  // Opens what `path` leads to: by its inode, or as a device or fifo.
  // kENXIO for devices that do not exist.
  ErrnoOr<std::shared_ptr<File>> OpenInode(const Caller& caller,
                                           const Path& path, uint32_t flags);

  // sync(2): dirty pages of bound files to the host.
  void SyncAll();
  // Also forgets their clean pages (/proc/sys/vm/drop_caches).
  void DropCaches();

  // An unlinked shmem file: memfd_create (name "memfd:NAME") and shared
  // anonymous memory ("/dev/zero"). Shown as "/NAME (deleted)".
  std::shared_ptr<File> NewShmemFile(absl::string_view name, uint64_t size,
                                     uint32_t flags);
  // The same in huge pages of `pool` (hugetlb_file_setup()). memfd_create and
  // SysV shared memory.
  std::shared_ptr<File> NewHugetlbFile(mm::Hugetlb& hugetlb,
                                       mm::HugePagePool& pool,
                                       absl::string_view name, uint32_t flags);
  // A file that has no place of its own as one that can be walked to
  // (/proc/PID/fd/N of a pipe).
  Path PathOfFile(const std::shared_ptr<File>& file);

 private:
  mm::PhysMem& phys_;
  std::shared_ptr<mm::Slab> slab_;
  std::shared_ptr<ClosingFiles> closing_files_;
  FsClock clock_;
  uint32_t last_minor_ = 20;
  uint64_t last_anon_ino_ = 0;
  int last_mount_id_ = 20;
  std::vector<std::unique_ptr<Mount>> mounts_;
  std::vector<std::unique_ptr<Mount>> detached_;  // still in use somewhere
  std::shared_ptr<FileSystem> shmem_;   // memfd: Linux's kernel shm_mnt
  std::unique_ptr<Mount> shmem_mount_;  // not in the tree
  std::unique_ptr<Mount> anon_mount_;   // not in the tree
  // The kernel's own hugetlbfs, one for each order of page; not in the tree.
  std::map<int, std::unique_ptr<Mount>> hugetlb_mounts_;
  std::map<DevId, OpenDevice> devices_;
  OpenDevice open_fifo_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_VFS_H_
