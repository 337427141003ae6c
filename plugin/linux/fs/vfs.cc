#include "plugin/linux/fs/vfs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugin/linux/fs/anon_inode.h"
#include "plugin/linux/fs/closing_files.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/host_fs.h"
#include "plugin/linux/fs/hugetlbfs.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/fs/tmpfs.h"

namespace faultline::os {
namespace {

// The machine itself, as a caller: root, starting at the root.
struct Boot {
  explicit Boot(const Vfs& vfs) : fs(vfs.root(), vfs.root()) {
    fs.set_umask(0);
  }
  Caller caller() const { return {cred, fs, nullptr}; }
  Credentials cred;
  FsContext fs;
};

std::unique_ptr<Mount> Detached(std::shared_ptr<FileSystem> fs,
                                std::shared_ptr<Inode> root) {
  auto mount = std::make_unique<Mount>();
  mount->root = root == nullptr ? nullptr : Dentry::MakeRoot(std::move(root));
  mount->source = fs->type();
  mount->fs = std::move(fs);
  return mount;
}

}  // namespace

Vfs::Vfs(mm::PhysMem& phys, std::shared_ptr<mm::Slab> slab,
         const Options& options)
    : phys_(phys),
      slab_(std::move(slab)),
      closing_files_(std::make_shared<ClosingFiles>()),
      clock_(options.epoch) {
  auto root_fs = std::make_shared<Tmpfs>(NextDev(), clock_, phys, slab_,
                                         std::make_shared<mm::ShmemMount>());
  mounts_.push_back(Detached(root_fs, TmpfsDir::MakeRoot(root_fs, 0755)));
  mounts_[0]->id = ++last_mount_id_;
  shmem_ = std::make_shared<Tmpfs>(DevId{0, 1}, clock_, phys, slab_);
  shmem_mount_ = Detached(shmem_, nullptr);
  auto anon = std::make_shared<FileSystem>("anon_inodefs", 0x09041934,
                                           DevId{0, kAnonInodeMinor}, clock_);
  anon_mount_ = Detached(std::move(anon), nullptr);
}

Vfs::~Vfs() = default;

absl::Status Vfs::MakeDirs(absl::string_view path, uint32_t mode) {
  const Boot boot(*this);
  std::string so_far;
  for (absl::string_view name : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    absl::StrAppend(&so_far, "/", name);
    const ErrnoOr<Done> made =
        MakeNode(boot.caller(), root(), so_far, kS_IFDIR | 0755);
    if (!made.ok() && made.error() != Errno::kEEXIST) {
      return absl::FailedPreconditionError(absl::StrCat(
          so_far, ": cannot be made: ", ErrnoName(made.error()).data()));
    }
  }
  const ErrnoOr<Path> found = LookupPath(boot.caller(), root(), path);
  if (!found.ok() || !found->inode()->is_dir()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is not a directory in the guest"));
  }
  if (mode != 0) {
    AttrChange change;
    change.mode = mode;
    (void)found->inode()->SetAttr(change);
  }
  return absl::OkStatus();
}

absl::Status Vfs::WriteFile(absl::string_view path, absl::string_view contents,
                            uint32_t mode) {
  const Boot boot(*this);
  (void)MakeNode(boot.caller(), root(), path, kS_IFREG | mode);
  const ErrnoOr<Path> found = LookupPath(boot.caller(), root(), path);
  auto* inode =
      found.ok() ? dynamic_cast<RegularInode*>(found->inode().get()) : nullptr;
  if (inode == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " cannot be written"));
  }
  IovIter from = IovIter::Kernel(absl::MakeConstSpan(
      reinterpret_cast<const std::byte*>(contents.data()), contents.size()));
  if (const auto n = inode->WritePages(0, from); !n.ok() && !contents.empty()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": no memory for it"));
  }
  return absl::OkStatus();
}

absl::Status Vfs::MountAt(absl::string_view at, std::shared_ptr<Inode> fs_root,
                          ReadOnly read_only, std::string source) {
  const Boot boot(*this);
  if (at.empty() || at[0] != '/' ||
      at.find_first_not_of('/') == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", at, "\" is no absolute path below /"));
  }
  const bool dir = fs_root->is_dir();
  if (ErrnoOr<Path> there = LookupPath(boot.caller(), root(), at);
      !there.ok()) {
    const size_t parent_end = std::max(at.rfind('/'), size_t{1});  // "/" itself
    if (const absl::Status s = MakeDirs(dir ? at : at.substr(0, parent_end));
        !s.ok()) {
      return s;
    }
    if (!dir) {
      (void)MakeNode(boot.caller(), root(), at, kS_IFREG | 0644);
    }
  }
  const ErrnoOr<Path> place = LookupPath(boot.caller(), root(), at);
  if (!place.ok() || place->inode()->is_dir() != dir) {
    return absl::FailedPreconditionError(
        absl::StrCat("something else is in the way at ", at));
  }
  (void)MountOn(*place, std::move(fs_root), read_only, std::move(source));
  return absl::OkStatus();
}

ErrnoOr<Done> Vfs::MountOn(const Path& place, std::shared_ptr<Inode> fs_root,
                           ReadOnly read_only, std::string source) {
  if (place.inode()->is_dir() != fs_root->is_dir()) {
    return Errno::kENOTDIR;
  }
  std::shared_ptr<FileSystem> fs = fs_root->fs_ptr();
  std::unique_ptr<Mount> mount = Detached(std::move(fs), std::move(fs_root));
  mount->id = ++last_mount_id_;
  mount->parent = place.mount;
  mount->mountpoint = place;
  mount->read_only = read_only;
  mount->source = std::move(source);
  place.dentry->set_mounted(mount.get());
  mounts_.push_back(std::move(mount));
  return kDone;
}

ErrnoOr<Done> Vfs::Unmount(Path place, IfBusy if_busy) {
  const auto it =
      std::find_if(mounts_.begin(), mounts_.end(), [&place](const auto& mount) {
        return mount.get() == place.mount && mount->root == place.dentry;
      });
  if (it == mounts_.end() || place.mount->parent == nullptr) {
    return Errno::kEINVAL;
  }
  // Whoever has a place in it holds dentries down from its root.
  place = {};
  const bool busy = (*it)->root.use_count() > 1;
  if (busy && if_busy == IfBusy::kRefuse) {
    return Errno::kEBUSY;
  }
  std::unique_ptr<Mount> gone = std::move(*it);
  mounts_.erase(it);
  gone->mountpoint.dentry->set_mounted(nullptr);
  if (busy) {
    detached_.push_back(std::move(gone));
  }
  return kDone;
}

absl::Status Vfs::Bind(const std::string& host, absl::string_view guest,
                       ReadOnly read_only) {
  absl::StatusOr<std::shared_ptr<Inode>> inode =
      OpenHostRoot(host, read_only, NextDev(), clock_, phys_);
  if (!inode.ok()) {
    return inode.status();
  }
  return MountAt(guest, *std::move(inode), read_only, host);
}

void Vfs::RegisterDevice(DevId dev, OpenDevice open) {
  devices_[dev] = std::move(open);
}

void Vfs::AddDevice(absl::string_view name, DevId dev, OpenDevice open,
                    uint32_t mode) {
  const Boot boot(*this);
  (void)MakeNode(boot.caller(), root(), absl::StrCat("/dev/", name),
                 kS_IFCHR | mode, dev);
  RegisterDevice(dev, std::move(open));
}

absl::Status Vfs::MakeLink(absl::string_view path, absl::string_view target) {
  const Boot boot(*this);
  const ErrnoOr<Done> made =
      MakeNode(boot.caller(), root(), path, kS_IFLNK, {}, target);
  return made.ok() ? absl::OkStatus()
                   : absl::FailedPreconditionError(
                         absl::StrCat(path, " cannot be made"));
}

absl::Status Vfs::MakeBlockNode(absl::string_view path, DevId dev) {
  const Boot boot(*this);
  const ErrnoOr<Done> made =
      MakeNode(boot.caller(), root(), path, kS_IFBLK | 0660, dev);
  return made.ok() ? absl::OkStatus()
                   : absl::FailedPreconditionError(
                         absl::StrCat(path, " cannot be made"));
}

ErrnoOr<std::shared_ptr<File>> Vfs::OpenInode(const Caller& caller,
                                              const Path& path,
                                              uint32_t flags) {
  flags |= kO_LARGEFILE;  // as every 64-bit kernel says
  if (path.mount != anon_mount_.get()) {
    switch (path.inode()->type()) {
      case kS_IFCHR: {
        const auto it = devices_.find(path.inode()->rdev());
        return it == devices_.end() ? Errno::kENXIO
                                    : it->second(caller, path, flags);
      }
      case kS_IFIFO:
        return open_fifo_ == nullptr ? Errno::kENXIO
                                     : open_fifo_(caller, path, flags);
      case kS_IFBLK:
      case kS_IFSOCK:
        return Errno::kENXIO;
      default:
        break;
    }
  }
  return path.inode()->Open(caller, path, flags);
}

void Vfs::SyncAll() {
  for (const std::unique_ptr<Mount>& mount : mounts_) {
    mount->fs->Sync();
  }
}

void Vfs::DropCaches() {
  SyncAll();
  for (const std::unique_ptr<Mount>& mount : mounts_) {
    mount->fs->DropCaches();
  }
}

std::shared_ptr<File> Vfs::NewShmemFile(absl::string_view name, uint64_t size,
                                        uint32_t flags) {
  NewNode what;
  what.mode = kS_IFREG | 0777;
  auto inode = std::static_pointer_cast<RegularInode>(
      NewTmpfsFile(std::static_pointer_cast<Tmpfs>(shmem_), what));
  inode->AdjustLinks(-1);
  inode->mapping().Resize(size);
  const Path path{
      shmem_mount_.get(),
      Dentry::MakeRoot(inode, absl::StrCat("/", name, " (deleted)"))};
  return std::make_shared<RegularFile>(path, inode, flags | kO_LARGEFILE,
                                       AtomicPosition::kNo);
}

std::shared_ptr<File> Vfs::NewHugetlbFile(mm::Hugetlb& hugetlb,
                                          mm::HugePagePool& pool,
                                          absl::string_view name,
                                          uint32_t flags) {
  std::unique_ptr<Mount>& mount = hugetlb_mounts_[pool.order()];
  if (mount == nullptr) {
    mount = Detached(
        std::make_shared<Hugetlbfs>(DevId{0, mm::kHugetlbMinor}, clock_, phys_,
                                    slab_, hugetlb, pool, nullptr),
        nullptr);
  }
  const auto fs = std::static_pointer_cast<Hugetlbfs>(mount->fs);
  NewNode what;
  what.mode = kS_IFREG | 0777;
  const auto inode =
      std::static_pointer_cast<HugetlbfsInode>(fs->NewRegular(fs, what));
  inode->AdjustLinks(-1);
  const Path path{
      mount.get(),
      Dentry::MakeRoot(inode, absl::StrCat("/", name, " (deleted)"))};
  return std::make_shared<HugetlbfsFile>(path, inode, flags | kO_LARGEFILE);
}

Path Vfs::PathOfFile(const std::shared_ptr<File>& file) {
  if (const Path* path = file->path()) {
    return *path;
  }
  return {anon_mount_.get(),
          Dentry::MakeRoot(std::make_shared<AnonInode>(anon_mount_->fs, file),
                           file->LinkName())};
}

}  // namespace faultline::os
