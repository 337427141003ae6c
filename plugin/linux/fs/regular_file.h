#ifndef FAULTLINE_PLUGIN_LINUX_FS_REGULAR_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_REGULAR_FILE_H_

// RegularInode: a regular file whose bytes are guest pages (mm::Mapping).
// RegularFile: one opened. Linux: generic_file_read_iter() and
// generic_perform_write() in mm/filemap.c, and shmem's own in mm/shmem.c.
//
// read(2), write(2) and mmap(2) meet in the same pages.

#include <memory>
#include <string>
#include <utility>

#include "guest_mm/file/mapped_file.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/profile/behaviour.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/fs/path_file.h"
#include "plugin/linux/fs/seals.h"

namespace faultline::os {

class RegularInode : public Inode {
 public:
  // `backing` null: memory only, absent pages are zeros. `phys` outlives it.
  RegularInode(std::shared_ptr<FileSystem> fs, uint64_t ino, uint32_t mode,
               mm::PhysMem& phys, std::unique_ptr<mm::Backing> backing);

  mm::Mapping& mapping() { return mapping_; }
  // Where the bytes live when not in memory; null: nowhere.
  mm::Backing* backing() { return backing_; }
  uint64_t size() const override { return mapping_.size(); }
  KStat Stat() override;
  // kEPERM if sealed against the mode.
  ErrnoOr<Done> SetAttr(const AttrChange& change) override;
  // kEPERM if sealed; kEFBIG.
  ErrnoOr<Done> Truncate(uint64_t size) override;
  ErrnoOr<std::shared_ptr<File>> Open(const Caller& caller, const Path& path,
                                      uint32_t flags) override;

  // Copies file bytes from `offset` on to `to`, no further than size().
  // Returns the count; 0 at the end. kEFAULT, kEIO, kENOMEM before the first
  // byte; after it they are a short count.
  ErrnoOr<uint64_t> ReadPages(uint64_t offset, IovIter& to);
  // The other way; extends the file. kEPERM if sealed. `fault_in_first`: what
  // a source that cannot be read leaves behind.
  ErrnoOr<uint64_t> WritePages(
      uint64_t offset, IovIter& from,
      mm::FaultInFirst fault_in_first = mm::FaultInFirst::kYes);
  // Bytes up to `end` were written to the backing itself.
  void DirectlyWritten(uint64_t end);

  // lseek's SEEK_DATA and SEEK_HOLE from `offset` < size(). kENXIO: no data.
  enum class Seek : uint8_t { kData, kHole };
  ErrnoOr<uint64_t> SeekDataOrHole(uint64_t offset, Seek what);

  // fallocate(2) by mode. kEOPNOTSUPP for modes it has not.
  virtual ErrnoOr<Done> Allocate(int mode, uint64_t offset, uint64_t length);
  // Dirty pages to where they come from. kEIO.
  virtual ErrnoOr<Done> WriteBack();

  // Files without sealing have kSealSeal set from the start.
  uint32_t seals() const { return seals_; }
  void set_seals(uint32_t seals) { seals_ = seals; }
  // F_ADD_SEALS. kEPERM if sealed against it; kEBUSY: kSealWrite while a
  // shared writable mapping exists.
  ErrnoOr<Done> AddSeals(uint32_t seals);

 private:
  ErrnoOr<size_t> ReadPage(uint64_t index, size_t offset, size_t n,
                           IovIter& to);
  // Do the seals allow a write up to `end`?
  bool MayWrite(uint64_t end) const;
  // At least one of the next `bytes`, which lie in one page. kEFAULT; kEPERM
  // if sealed.
  ErrnoOr<uint64_t> WriteInPlace(uint64_t at, size_t bytes, IovIter& from,
                                 mm::FaultInFirst fault_in_first);
  ErrnoOr<uint64_t> WriteFetched(uint64_t at, IovIter& from,
                                 absl::Span<std::byte> bounce);
  void NoteWrite();

  mm::PhysMem& phys_;
  mm::Backing* const backing_;  // the mapping's
  uint32_t seals_ = kSealSeal;
  mm::Mapping mapping_;
};

// Whether read, write and lseek use an open file's position and move it as one
// step, when several share it: files opened by name do, memfd_create's do not.
// Linux: FMODE_ATOMIC_POS.
enum class AtomicPosition : bool { kNo, kYes };
// Linux: file.f_pos_lock.
inline constexpr mm::LockClass kPositionLock{
    "f_pos_lock", {"f_pos_lock.locked"}, {"f_pos_lock.unlocked"}, 3};

class RegularFile final : public PathFile, public mm::MappedFile {
 public:
  // May come to schedule points if it can be written to.
  RegularFile(Path path, std::shared_ptr<RegularInode> inode, uint32_t flags,
              AtomicPosition atomic = AtomicPosition::kYes);
  // The last writer's release writes dirty pages back.
  ~RegularFile() override;

  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> Write(Task& task,
                          absl::Span<const std::byte> from) override;
  ErrnoOr<uint64_t> ReadAt(Task& task, uint64_t offset,
                           absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> WriteAt(Task& task, uint64_t offset,
                            absl::Span<const std::byte> from) override;
  ErrnoOr<uint64_t> ReadIter(Task& task, IovIter& to) override;
  ErrnoOr<uint64_t> WriteIter(Task& task, IovIter& from) override;
  ErrnoOr<uint64_t> ReadIterAt(Task& task, uint64_t offset,
                               IovIter& to) override;
  ErrnoOr<uint64_t> WriteIterAt(Task& task, uint64_t offset,
                                IovIter& from) override;
  ErrnoOr<uint64_t> Seek(int64_t offset, int whence) override;
  ErrnoOr<uint64_t> Ioctl(Task& task, uint32_t request, uint64_t arg) override;
  ErrnoOr<uint64_t> Fcntl(Task& task, int command, uint64_t arg) override;
  ErrnoOr<Done> Sync(Task& task) override;
  ErrnoOr<Done> Truncate(Task& task, uint64_t size) override;
  ErrnoOr<Done> Allocate(Task& task, int mode, uint64_t offset,
                         uint64_t length) override;
  std::shared_ptr<mm::MappedFile> Mappable() override;
  uint64_t position() const override { return position_; }
  bool can_direct() const override {
    return atomic_position_ == AtomicPosition::kYes;
  }

  // mm::MappedFile.
  mm::Mapping& mapping() override { return inode_->mapping(); }
  std::string MapsName() const override { return LinkName(); }
  uint32_t dev_major() const override { return inode_->fs().dev().major; }
  uint32_t dev_minor() const override { return inode_->fs().dev().minor; }
  ErrnoOr<Done> PunchHole(uint64_t offset, uint64_t length) override;
  bool write_sealed() const override {
    return (inode_->seals() & (kSealWrite | kSealFutureWrite)) != 0;
  }
  uint64_t ino() const override { return inode_->ino(); }
  bool unnamed() const override { return inode_->nlink() == 0; }
  bool counts_vmas() const override { return counts_vmas_; }
  void CountVmas() { counts_vmas_ = true; }

 private:
  // generic_write_checks(): where to write, and `from` cut to what may be.
  // kEFBIG, with SIGXFSZ if a limit is the reason.
  ErrnoOr<uint64_t> WriteChecks(Task& task, uint64_t offset, IovIter& from);

  // Does this transfer go past the page cache? Memory files take O_DIRECT, and
  // copy all the same.
  bool Direct(const IovIter& iter) const {
    return (flags() & kO_DIRECT) != 0 && inode_->backing() != nullptr &&
           iter.is_user();
  }
  // With the inode's rwsem held for writing.
  ErrnoOr<uint64_t> WriteLocked(Task& task, uint64_t offset, IovIter& from);

  // fdget_pos(), as far as it locks.
  class PositionGuard;

  std::shared_ptr<RegularInode> inode_;
  const AtomicPosition atomic_position_;
  mm::Lock position_lock_{kPositionLock};
  uint64_t position_ = 0;
  bool counts_vmas_ = false;
};

// New position of an lseek(2) with SEEK_SET, SEEK_CUR or SEEK_END on a file of
// `size` bytes. kEINVAL.
ErrnoOr<uint64_t> SeekTo(int64_t offset, int whence, uint64_t position,
                         uint64_t size);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_REGULAR_FILE_H_
