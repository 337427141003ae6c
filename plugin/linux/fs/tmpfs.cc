#include "plugin/linux/fs/tmpfs.h"

#include <optional>
#include <utility>
#include <vector>

#include "guest_mm/base/check.h"
#include "guest_mm/phys/phys_mem.h"
#include "plugin/linux/fs/regular_file.h"

namespace faultline::os {
namespace {

class TmpfsRegular final : public RegularInode {
 public:
  TmpfsRegular(const std::shared_ptr<Tmpfs>& fs, const NewNode& what)
      : RegularInode(fs, fs->NextIno(), what.mode, fs->phys(),
                     fs->NewBacking()) {
    InitFrom(what);
    mapping().set_mount(fs->mount());
  }
};

class TmpfsSymlink final : public Inode {
 public:
  TmpfsSymlink(const std::shared_ptr<Tmpfs>& fs, const NewNode& what)
      : Inode(fs, fs->NextIno(), what.mode), target_(what.target) {
    InitFrom(what);
  }
  uint64_t size() const override { return target_.size(); }
  ErrnoOr<std::string> ReadLink(const Caller&) override {
    TouchAccess();
    return target_;
  }

 private:
  std::string target_;
};

// Devices, fifos, sockets: Vfs knows how to open them.
class TmpfsSpecial final : public Inode {
 public:
  TmpfsSpecial(const std::shared_ptr<Tmpfs>& fs, const NewNode& what)
      : Inode(fs, fs->NextIno(), what.mode) {
    InitFrom(what);
  }
};

uint8_t DirentType(const Inode& inode) { return uint8_t(inode.type() >> 12); }

}  // namespace

std::shared_ptr<Inode> Tmpfs::NewRegular(const std::shared_ptr<Tmpfs>& self,
                                         const NewNode& what) {
  return std::make_shared<TmpfsRegular>(self, what);
}

KStatfs Tmpfs::Statfs() const {
  KStatfs s = FileSystem::Statfs();
  s.block_size = phys_.page_shift().bytes();
  s.blocks = phys_.total().value() / 2;
  s.blocks_free = std::min(s.blocks, phys_.free().value());
  if (mount_ != nullptr && mount_->most.value() != ~uint64_t{0}) {
    s.blocks = mount_->most.value();
    s.blocks_free = (mount_->most - mount_->used).value();
  }
  s.blocks_available = s.blocks_free;
  s.files = s.blocks;
  s.files_free = s.blocks_free;
  return s;
}

TmpfsDir::TmpfsDir(std::shared_ptr<Tmpfs> fs, const NewNode& what)
    : Inode(fs, fs->NextIno(), what.mode) {
  InitFrom(what);
  nlink_ = 2;  // its name and its "."
}

// What is in it goes one after the other, not each inside the other: a guest
// nests directories deeper than any stack.
TmpfsDir::~TmpfsDir() {
  std::vector<std::shared_ptr<Inode>> doomed;
  const auto take_entries = [&doomed](TmpfsDir& dir) {
    for (auto& [name, entry] : std::exchange(dir.entries_, {})) {
      doomed.push_back(std::move(entry.inode));
    }
  };
  take_entries(*this);
  while (!doomed.empty()) {
    const std::shared_ptr<Inode> inode = std::move(doomed.back());
    doomed.pop_back();
    if (auto* dir = dynamic_cast<TmpfsDir*>(inode.get());
        dir != nullptr && inode.use_count() == 1) {
      take_entries(*dir);
    }
  }
}

std::shared_ptr<TmpfsDir> TmpfsDir::MakeRoot(std::shared_ptr<Tmpfs> fs,
                                             uint32_t mode, uint32_t uid,
                                             uint32_t gid) {
  NewNode what;
  what.mode = kS_IFDIR | mode;
  what.uid = uid;
  what.gid = gid;
  return std::make_shared<TmpfsDir>(std::move(fs), what);
}

std::shared_ptr<Tmpfs> TmpfsDir::tmpfs() const {
  return std::static_pointer_cast<Tmpfs>(fs_ptr());
}

KStat TmpfsDir::Stat() {
  KStat s = Inode::Stat();
  s.blocks = 0;
  s.blksize = tmpfs()->dir_block_size();
  return s;
}

std::shared_ptr<Inode> TmpfsDir::NewInode(const NewNode& what) {
  switch (what.mode & kS_IFMT) {
    case kS_IFREG:
      return tmpfs()->NewRegular(tmpfs(), what);
    case kS_IFDIR:
      return std::make_shared<TmpfsDir>(tmpfs(), what);
    case kS_IFLNK:
      return std::make_shared<TmpfsSymlink>(tmpfs(), what);
    default:
      return std::make_shared<TmpfsSpecial>(tmpfs(), what);
  }
}

ErrnoOr<mm::Slab::Charge> TmpfsDir::Pay(const NewNode* what) {
  // Two tree nodes, each with a name, which a rename may make as long as any;
  // an inode with its page cache.
  constexpr size_t kNameBytes = 768;
  constexpr size_t kInodeBytes = 768;
  const size_t bytes =
      kNameBytes + (what == nullptr ? 0 : kInodeBytes + what->target.size());
  ErrnoOr<mm::Slab::Charge> charge = tmpfs()->slab().Take(bytes);
  if (!charge.ok()) {
    return Errno::kENOSPC;  // as when shmem_reserve_inode() finds none left
  }
  return charge;
}

void TmpfsDir::Add(absl::string_view name, std::shared_ptr<Inode> inode,
                   mm::Slab::Charge charge) {
  const uint64_t cookie = next_cookie_++;
  order_.emplace(cookie, std::string(name));
  entries_.emplace(std::string(name),
                   Entry{std::move(inode), cookie, std::move(charge)});
  TouchModify();
}

TmpfsDir::Entry TmpfsDir::Remove(absl::string_view name) {
  const auto it = entries_.find(name);
  FL_CHECK(it != entries_.end());
  Entry entry = std::move(it->second);
  order_.erase(entry.cookie);
  entries_.erase(it);
  TouchModify();
  return entry;
}

ErrnoOr<std::shared_ptr<Inode>> TmpfsDir::Lookup(const Caller&,
                                                 absl::string_view name) {
  const auto it = entries_.find(name);
  if (it == entries_.end()) {
    return Errno::kENOENT;
  }
  return it->second.inode;
}

ErrnoOr<std::shared_ptr<Inode>> TmpfsDir::Create(absl::string_view name,
                                                 const NewNode& what) {
  FL_ASSIGN(mm::Slab::Charge charge, Pay(&what));
  if (entries_.contains(name)) {
    return Errno::kEEXIST;  // paying may have waited
  }
  std::shared_ptr<Inode> inode = NewInode(what);
  if (inode->is_dir()) {
    AdjustLinks(1);  // its ".."
  }
  Add(name, inode, std::move(charge));
  return inode;
}

ErrnoOr<std::shared_ptr<Inode>> TmpfsDir::MakeUnnamed(const NewNode& what) {
  FL_CHECK((what.mode & kS_IFMT) == kS_IFREG);
  FL_ASSIGN(mm::Slab::Charge charge, Pay(&what));
  std::shared_ptr<Inode> inode = tmpfs()->NewRegular(tmpfs(), what);
  inode->set_charge(std::move(charge));
  inode->AdjustLinks(-1);
  return inode;
}

ErrnoOr<Done> TmpfsDir::Link(absl::string_view name,
                             const std::shared_ptr<Inode>& target) {
  FL_ASSIGN(mm::Slab::Charge charge, Pay(nullptr));
  if (entries_.contains(name)) {
    return Errno::kEEXIST;
  }
  target->AdjustLinks(1);
  target->TouchChange();
  Add(name, target, std::move(charge));
  return kDone;
}

ErrnoOr<Done> TmpfsDir::Unlink(absl::string_view name, Inode& victim) {
  if (victim.is_dir()) {
    if (!static_cast<TmpfsDir&>(victim).entries_.empty()) {
      return Errno::kENOTEMPTY;
    }
    victim.AdjustLinks(-2);
    AdjustLinks(-1);
  } else {
    victim.AdjustLinks(-1);
  }
  victim.TouchChange();
  Remove(name);
  return kDone;
}

// Takes away what stands at a rename's new place.
ErrnoOr<Done> TmpfsDir::MakeRoomFor(const RenameTo& to) {
  auto& dir = static_cast<TmpfsDir&>(to.dir);
  if (to.target == nullptr) {
    return kDone;
  }
  return dir.Unlink(to.name, *to.target);
}

ErrnoOr<Done> TmpfsDir::Rename(absl::string_view name, Inode& moved,
                               const RenameTo& to) {
  auto& dir = static_cast<TmpfsDir&>(to.dir);
  std::optional<Entry> back;
  if (to.exchange) {
    back = dir.Remove(to.name);
  } else {
    FL_TRY(MakeRoomFor(to));
  }
  Entry entry = Remove(name);
  moved.TouchChange();
  if (moved.is_dir()) {
    AdjustLinks(-1);
    dir.AdjustLinks(1);
  }
  dir.Add(to.name, std::move(entry.inode), std::move(entry.charge));
  if (back) {
    if (back->inode->is_dir()) {
      dir.AdjustLinks(-1);
      AdjustLinks(1);
    }
    back->inode->TouchChange();
    Add(name, std::move(back->inode), std::move(back->charge));
  }
  return kDone;
}

ErrnoOr<Done> TmpfsDir::ReadDir(const Caller&, uint64_t& position,
                                DirSink sink) {
  for (auto it = order_.lower_bound(position); it != order_.end(); ++it) {
    const Inode& inode = *entries_.find(it->second)->second.inode;
    if (!sink({it->second, inode.ino(), DirentType(inode), it->first + 1})) {
      return kDone;
    }
    position = it->first + 1;
  }
  return kDone;
}

std::shared_ptr<Inode> NewTmpfsFile(const std::shared_ptr<Tmpfs>& fs,
                                    const NewNode& what) {
  return fs->NewRegular(fs, what);
}

}  // namespace faultline::os
