#include "plugin/linux/fs/proc/pid_fd.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/text_file.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// Inode numbers of descriptors' files start here.
constexpr unsigned kFdIndex = 0x1000;
constexpr unsigned kFdInfoIndex = 0x8000;

ErrnoOr<std::shared_ptr<File>> FindFile(const PidRef& ref, int fd) {
  FL_ASSIGN(const std::shared_ptr<Task> task, ref.task());
  const ErrnoOr<std::shared_ptr<File>> file = task->files().GetAny(fd);
  return file.ok() ? file : Errno::kENOENT;
}

// A link whose permissions say how the file was opened.
class FdLink final : public Inode {
 public:
  FdLink(const std::shared_ptr<FileSystem>& fs, const PidRef& ref, int fd)
      : Inode(fs, PidIno(ref.id(), kFdIndex + unsigned(fd)), kS_IFLNK | 0700),
        ref_(ref),
        fd_(fd) {}

  KStat Stat() override {
    KStat s = Inode::Stat();
    s.size = 64;
    if (const auto file = FindFile(ref_, fd_); file.ok()) {
      s.mode = kS_IFLNK | 0100u | ((*file)->readable() ? 0400u : 0u) |
               ((*file)->writable() ? 0200u : 0u);
    }
    return s;
  }
  ErrnoOr<std::string> ReadLink(const Caller& caller) override {
    FL_ASSIGN(const std::shared_ptr<File> file, FindFile(ref_, fd_));
    const Path* path = file->path();
    return path == nullptr ? file->LinkName() : DPath(*path, caller.fs.root());
  }
  ErrnoOr<std::optional<Path>> FollowMagic(const Caller&) override {
    FL_ASSIGN(const std::shared_ptr<File> file, FindFile(ref_, fd_));
    return std::optional<Path>(ref_.kernel().vfs().PathOfFile(file));
  }

 private:
  PidRef ref_;
  int fd_;
};

class FdInfo final : public TextInode {
 public:
  FdInfo(const std::shared_ptr<FileSystem>& fs, const PidRef& ref, int fd)
      : TextInode(fs, PidIno(ref.id(), kFdInfoIndex + unsigned(fd)),
                  kS_IFREG | 0400),
        ref_(ref),
        fd_(fd) {}

  ErrnoOr<std::string> Show() override {
    FL_ASSIGN(const std::shared_ptr<Task> task, ref_.task());
    FL_ASSIGN(const std::shared_ptr<File> file, FindFile(ref_, fd_));
    FL_ASSIGN(const CloseOnExec cloexec, task->files().close_on_exec(fd_));
    const uint32_t flags =
        file->flags() | (cloexec == CloseOnExec::kYes ? kO_CLOEXEC : 0u);
    const Path place = ref_.kernel().vfs().PathOfFile(file);
    return absl::StrCat(
        absl::StrFormat("pos:\t%d\nflags:\t0%o\nmnt_id:\t%d\nino:\t%d\n",
                        file->position(), task->abi().OpenFlagsOut(flags),
                        place.mount->id, file->Stat().ino),
        file->FdInfo());
  }

 private:
  PidRef ref_;
  int fd_;
};

// A directory with an entry for each open descriptor.
template <typename Entry>
class FdDir final : public Inode {
 public:
  FdDir(const std::shared_ptr<FileSystem>& fs, const PidRef& ref,
        unsigned index, unsigned first_entry)
      : Inode(fs, PidIno(ref.id(), index), kS_IFDIR | 0500),
        ref_(ref),
        first_entry_(first_entry) {}

  ErrnoOr<std::shared_ptr<Inode>> Lookup(const Caller&,
                                         absl::string_view name) override {
    int fd = -1;
    if (name != "0" && (fd = ParsePid(name)) == 0) {
      return Errno::kENOENT;
    }
    fd = name == "0" ? 0 : fd;
    FL_TRY(FindFile(ref_, fd));
    std::weak_ptr<Inode>& known = known_[fd];
    std::shared_ptr<Inode> entry = known.lock();
    if (entry == nullptr) {
      entry = std::make_shared<Entry>(fs_ptr(), ref_, fd);
      known = entry;
    }
    return entry;
  }
  ErrnoOr<Done> ReadDir(const Caller&, uint64_t& position,
                        DirSink sink) override {
    FL_ASSIGN(const std::shared_ptr<Task> task, ref_.task());
    constexpr bool kLinks = std::is_same_v<Entry, FdLink>;
    for (const int fd : task->files().List()) {
      const uint64_t next = uint64_t(fd) + 3;
      if (next <= position) {
        continue;
      }
      if (!sink({absl::StrCat(fd),
                 PidIno(ref_.id(), first_entry_ + unsigned(fd)),
                 uint8_t((kLinks ? kS_IFLNK : kS_IFREG) >> 12), next})) {
        return kDone;
      }
      position = next;
    }
    return kDone;
  }

 private:
  PidRef ref_;
  unsigned first_entry_;
  std::map<int, std::weak_ptr<Inode>> known_;
};

}  // namespace

std::shared_ptr<Inode> MakeFdDir(const std::shared_ptr<FileSystem>& fs,
                                 const PidRef& ref, unsigned index) {
  return std::make_shared<FdDir<FdLink>>(fs, ref, index, kFdIndex);
}

std::shared_ptr<Inode> MakeFdInfoDir(const std::shared_ptr<FileSystem>& fs,
                                     const PidRef& ref, unsigned index) {
  return std::make_shared<FdDir<FdInfo>>(fs, ref, index, kFdInfoIndex);
}

}  // namespace faultline::os
