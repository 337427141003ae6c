#include "plugin/linux/memory/shm.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/mmap.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/file/mapping.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/hugetlbfs.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/memory/shm_access.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

using mm::GuestAddr;

constexpr int32_t kIpcPrivate = 0;
constexpr int kIpcCreat = 01000, kIpcExcl = 02000, kShmHugetlb = 04000,
              kShmNoReserve = 010000;
constexpr int kShmHugeShift = 26;
constexpr int kShmRdonly = 010000, kShmRnd = 020000, kShmRemap = 040000,
              kShmExec = 0100000;
constexpr uint64_t kShmMax = ~uint64_t{0} - (uint64_t{1} << 24);

// can_do_hugetlb_shm().
bool MayUseHugePages(Task& task) {
  const Credentials& c = task.cred();
  const uint64_t group = task.mm().system().sysctl().hugetlb_shm_group;
  return c.HasCap(kCapIpcLock) || c.egid == group ||
         std::find(c.groups.begin(), c.groups.end(), group) != c.groups.end();
}

// hugetlb_file_setup(): all of it is reserved at once.
ErrnoOr<std::shared_ptr<File>> NewHugetlbFile(Task& task,
                                              const std::string& name,
                                              uint64_t size, int flags) {
  mm::Hugetlb& hugetlb = task.mm().system().hugetlb();
  mm::HugePagePool* const pool =
      hugetlb.PoolOf(uint32_t(flags) >> kShmHugeShift & 0x3f);
  if (pool == nullptr) {
    return Errno::kEINVAL;
  }
  if (!MayUseHugePages(task)) {
    return Errno::kEPERM;
  }
  const std::shared_ptr<File> file =
      task.kernel().vfs().NewHugetlbFile(hugetlb, *pool, name, kO_RDWR);
  auto& opened = static_cast<HugetlbfsFile&>(*file);
  const uint64_t pages = (size + pool->bytes() - 1) >> pool->shift();
  if ((flags & kShmNoReserve) == 0) {
    FL_TRY(opened.hugetlb()->Reserve(0, pages));
  }
  opened.hugetlb()->Extend(pages << pool->shift());
  opened.hugetlb()->reserved_before_mmap = true;
  opened.CountVmas();  // shm_nattch
  return file;
}

ErrnoOr<std::shared_ptr<File>> NewFile(Task& task, const std::string& name,
                                       uint64_t size, int flags) {
  if ((flags & kShmHugetlb) != 0) {
    return NewHugetlbFile(task, name, size, flags);
  }
  const uint64_t page = task.mm().page_shift().bytes();
  std::shared_ptr<File> file = task.kernel().vfs().NewShmemFile(
      name, (size + page - 1) & ~(page - 1), kO_RDWR);
  static_cast<RegularFile&>(*file).CountVmas();  // shm_nattch
  return file;
}

SyscallResult Create(Task& task, int32_t key, uint64_t size, int flags) {
  SysvShm& shm = task.kernel().shm();
  if (size == 0 || size > kShmMax) {
    return Errno::kEINVAL;
  }
  if (shm.segments().size() >= SysvShm::kMaxSegments) {
    return Errno::kENOSPC;
  }
  FL_ASSIGN(
      const std::shared_ptr<File> file,
      NewFile(task, absl::StrFormat("SYSV%08x", uint32_t(key)), size, flags));
  ShmSegment s;
  s.key = key;
  s.size = size;
  s.mode = uint32_t(flags) & 0777;
  s.uid = s.creator_uid = task.cred().euid;
  s.gid = s.creator_gid = task.cred().egid;
  s.creator_pid = task.process().pid();
  s.changed_at = int64_t(task.kernel().realtime_ns() / kNsPerSec);
  s.file = std::static_pointer_cast<PathFile>(file);
  return uint64_t(shm.Add(std::move(s)).id);
}

// The VMAs of one attach: of the first one above that shows its part of a
// segment where it would be if that were mapped whole at `start`, and the
// others of it that do, as far as that reaches.
std::vector<mm::GuestRange> AttachedRanges(
    mm::AddressSpace& mm, GuestAddr start,
    std::shared_ptr<mm::MappedFile>& file, SysvShm& shm) {
  std::vector<mm::GuestRange> ranges;
  const mm::ReadGuard guard(mm.mmap_lock());
  const auto shift = mm.page_shift();
  uint64_t end = 0;
  for (const mm::Vma* v = mm.vmas().FindAtOrAbove(start); v != nullptr;
       v = mm.vmas().Next(*v)) {
    if (file != nullptr && v->range.end.value() > end) {
      break;
    }
    const uint64_t offset = v->pgoff << shift.value();
    const bool in_place =
        v->range.start >= start && v->range.start - start == offset;
    if (in_place && v->file != nullptr &&
        (file == nullptr ? shm.FindFile(*v->file) != nullptr
                         : v->file == file)) {
      file = v->file;
      end = start.value() + v->file->mapping().size();
      ranges.push_back(v->range);
    }
  }
  return ranges;
}

}  // namespace

mm::Mapping& ShmSegment::mapping() const { return file->Mappable()->mapping(); }

uint64_t ShmSegment::attaches() const { return mapping().vmas().size(); }

std::shared_ptr<mm::MappedFile> ShmSegment::OpenAgain() const {
  if (file->Mappable()->hugetlb() != nullptr) {
    const auto huge = std::make_shared<HugetlbfsFile>(
        *file->path(), std::static_pointer_cast<HugetlbfsInode>(file->inode()),
        file->flags());
    huge->CountVmas();
    return huge;
  }
  const auto opened = std::make_shared<RegularFile>(
      *file->path(), std::static_pointer_cast<RegularInode>(file->inode()),
      file->flags(), AtomicPosition::kNo);
  opened->CountVmas();  // shm_nattch
  return opened;
}

void SysvShm::Purge() {
  for (auto it = segments_.begin(); it != segments_.end();) {
    ShmSegment& s = it->second;
    const bool gone = (s.mode & kShmDest) != 0 && s.attaches() == 0;
    if (gone) {
      Unlock(s);
    }
    it = gone ? segments_.erase(it) : std::next(it);
  }
}

ShmSegment* SysvShm::Find(int id) {
  auto it = segments_.find(id);
  return it == segments_.end() ? nullptr : &it->second;
}

ShmSegment* SysvShm::FindKey(int32_t key) {
  for (auto& [id, s] : segments_) {
    if (s.key == key && (s.mode & kShmDest) == 0) {
      return &s;
    }
  }
  return nullptr;
}

ShmSegment* SysvShm::FindFile(mm::MappedFile& file) {
  for (auto& [id, s] : segments_) {
    if (&s.mapping() == &file.mapping()) {
      return &s;
    }
  }
  return nullptr;
}

ShmSegment& SysvShm::Add(ShmSegment segment) {
  segment.id = next_id_++;
  return segments_[segment.id] = std::move(segment);
}

SyscallResult SysShmget(Task& task, const SyscallArgs& args) {
  SysvShm& shm = task.kernel().shm();
  shm.Purge();
  const int32_t key = args.Int(0);
  const uint64_t size = args.U64(1);
  const int flags = args.Int(2);
  ShmSegment* found = key == kIpcPrivate ? nullptr : shm.FindKey(key);
  if (found == nullptr) {
    if (key != kIpcPrivate && (flags & kIpcCreat) == 0) {
      return Errno::kENOENT;
    }
    return Create(task, key, size, flags);
  }
  if ((flags & kIpcCreat) != 0 && (flags & kIpcExcl) != 0) {
    return Errno::kEEXIST;
  }
  if (size > found->size) {
    return Errno::kEINVAL;
  }
  if (!ShmMayAccess(task, *found, uint32_t(flags) & 0777)) {
    return Errno::kEACCES;
  }
  return uint64_t(found->id);
}

SyscallResult SysShmat(Task& task, const SyscallArgs& args) {
  SysvShm& shm = task.kernel().shm();
  shm.Purge();
  const int flags = args.Int(2);
  const uint64_t page = task.mm().page_shift().bytes();
  uint64_t address = args.U64(1);
  ShmSegment* s = args.Int(0) < 0 ? nullptr : shm.Find(args.Int(0));
  if (s == nullptr) {
    return Errno::kEINVAL;
  }
  if (address % page != 0) {
    if ((flags & kShmRnd) == 0) {
      return Errno::kEINVAL;
    }
    address &= ~(page - 1);
  }
  const bool remap = (flags & kShmRemap) != 0;
  if (address == 0 && remap) {
    return Errno::kEINVAL;
  }
  if (address != 0 && !remap && address + s->size < address) {
    return Errno::kEINVAL;
  }
  const bool write = (flags & kShmRdonly) == 0;
  if (!ShmMayAccess(task, *s, write ? 0666 : 0444)) {
    return Errno::kEACCES;
  }
  mm::MmapRequest r;
  r.hint = GuestAddr(address);
  r.length = s->size;
  r.prot = 1u | (write ? 2u : 0u) | ((flags & kShmExec) != 0 ? 4u : 0u);
  r.flags = mm::kMapShared;
  if (address != 0) {
    r.flags |= remap ? mm::kMapFixed : mm::kMapFixedNoReplace;
  }
  r.file = s->OpenAgain();
  r.file_writable = write;
  const int id = s->id;
  auto at = mm::MmapUntold(task.mm(), r);
  if (!at.ok()) {
    return at.error() == Errno::kEEXIST ? Errno::kEINVAL : at.error();
  }
  if (ShmSegment* now = shm.Find(id); now != nullptr) {
    now->last_pid = task.process().pid();
    now->attached_at = int64_t(task.kernel().realtime_ns() / kNsPerSec);
  }
  return at->value();
}

SyscallResult SysShmdt(Task& task, const SyscallArgs& args) {
  SysvShm& shm = task.kernel().shm();
  const GuestAddr start =
      task.mm().system().arch().Untag(GuestAddr(args.U64(0)));
  if (!start.IsPageAligned(task.mm().page_shift())) {
    return Errno::kEINVAL;
  }
  std::shared_ptr<mm::MappedFile> file;
  const auto ranges = AttachedRanges(task.mm(), start, file, shm);
  if (ranges.empty()) {
    return Errno::kEINVAL;
  }
  if (ShmSegment* s = shm.FindFile(*file); s != nullptr) {
    s->last_pid = task.process().pid();
    s->detached_at = int64_t(task.kernel().realtime_ns() / kNsPerSec);
  }
  // What a seal keeps stays, and nobody is told (ksys_shmdt()).
  for (const mm::GuestRange& range : ranges) {
    (void)mm::Munmap(task.mm(), range.start, range.size());
  }
  shm.Purge();
  return 0;
}

}  // namespace faultline::os
