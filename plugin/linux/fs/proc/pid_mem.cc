#include "plugin/linux/fs/proc/pid_mem.h"

#include <cstring>
#include <utility>
#include <vector>

#include "guest_mm/gup/access_remote_vm.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/proc_report.h"
#include "plugin/linux/fs/path_file.h"
#include "plugin/linux/fs/proc/pagemap_ioctl.h"
#include "plugin/linux/fs/regular_file.h"

namespace faultline::os {
namespace {

// Holds the memory weakly: reading it must not keep a dead process's alive.
class MemoryFile : public PathFile {
 public:
  MemoryFile(Path path, uint32_t flags,
             const std::shared_ptr<mm::AddressSpace>& mm)
      : PathFile(std::move(path), flags), mm_(mm) {}

  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override {
    FL_ASSIGN(const uint64_t n, ReadAt(task, position_, to));
    position_ += n;
    return n;
  }
  ErrnoOr<uint64_t> Write(Task& task,
                          absl::Span<const std::byte> from) override {
    FL_ASSIGN(const uint64_t n, WriteAt(task, position_, from));
    position_ += n;
    return n;
  }
  // mem_lseek(): an address is no count of bytes; it may be "negative".
  ErrnoOr<uint64_t> Seek(int64_t offset, int whence) override {
    if (whence > 1) {
      return Errno::kEINVAL;
    }
    position_ = whence == 0 ? uint64_t(offset) : position_ + uint64_t(offset);
    return position_;
  }
  uint64_t position() const override { return position_; }

 protected:
  std::shared_ptr<mm::AddressSpace> memory() const { return mm_.lock(); }

 private:
  std::weak_ptr<mm::AddressSpace> mm_;
  uint64_t position_ = 0;
};

// A debugger's: what a mapping forbids is no obstacle, unless others see it.
class MemFile final : public MemoryFile {
 public:
  using MemoryFile::MemoryFile;
  ErrnoOr<uint64_t> ReadAt(Task&, uint64_t offset,
                           absl::Span<std::byte> to) override {
    const auto mm = memory();
    if (mm == nullptr || to.empty()) {
      return uint64_t{0};
    }
    const size_t done = mm::ReadRemoteVm(*mm, mm::GuestAddr(offset), to,
                                         mm::RemoteRights::kIgnored);
    return done == 0 ? ErrnoOr<uint64_t>(Errno::kEIO) : uint64_t{done};
  }
  ErrnoOr<uint64_t> WriteAt(Task&, uint64_t offset,
                            absl::Span<const std::byte> from) override {
    const auto mm = memory();
    if (mm == nullptr || from.empty()) {
      return uint64_t{0};
    }
    const size_t done = mm::WriteRemoteVm(*mm, mm::GuestAddr(offset), from,
                                          mm::RemoteRights::kIgnored);
    return done == 0 ? ErrnoOr<uint64_t>(Errno::kEIO) : uint64_t{done};
  }
};

class PagemapFile final : public MemoryFile {
 public:
  using MemoryFile::MemoryFile;
  ErrnoOr<uint64_t> ReadAt(Task&, uint64_t offset,
                           absl::Span<std::byte> to) override {
    constexpr uint64_t kWord = sizeof(uint64_t);
    if (offset % kWord != 0 || to.size() % kWord != 0) {
      return Errno::kEINVAL;
    }
    const auto mm = memory();
    if (mm == nullptr || to.empty()) {
      return uint64_t{0};
    }
    std::vector<uint64_t> words(to.size() / kWord);
    const size_t n =
        mm::ReadPagemap(*mm, offset / kWord, absl::MakeSpan(words));
    std::memcpy(to.data(), words.data(), n * kWord);
    return uint64_t{n * kWord};
  }
  ErrnoOr<uint64_t> Ioctl(Task& task, uint32_t request, uint64_t arg) override {
    return PagemapIoctl(task, memory().get(), request, arg);
  }
};

template <typename FileType>
class MemoryInode final : public Inode {
 public:
  MemoryInode(const std::shared_ptr<FileSystem>& fs, const PidRef& ref,
              unsigned index, uint32_t mode)
      : Inode(fs, PidIno(ref.id(), index), kS_IFREG | mode), ref_(ref) {}
  ErrnoOr<std::shared_ptr<File>> Open(const Caller&, const Path& path,
                                      uint32_t flags) override {
    FL_ASSIGN(const std::shared_ptr<mm::AddressSpace> mm, ref_.mm());
    return std::shared_ptr<File>(std::make_shared<FileType>(path, flags, mm));
  }
  ErrnoOr<Done> Truncate(uint64_t) override { return kDone; }

 private:
  PidRef ref_;
};

}  // namespace

std::shared_ptr<Inode> MakeMem(const std::shared_ptr<FileSystem>& fs,
                               const PidRef& ref, unsigned index) {
  return std::make_shared<MemoryInode<MemFile>>(fs, ref, index, 0600);
}

std::shared_ptr<Inode> MakePagemap(const std::shared_ptr<FileSystem>& fs,
                                   const PidRef& ref, unsigned index) {
  return std::make_shared<MemoryInode<PagemapFile>>(fs, ref, index, 0400);
}

}  // namespace faultline::os
