#include <algorithm>
#include <cstring>
#include <vector>

#include "guest_mm/fault/fatal_signal.h"
#include "plugin/linux/fs/falloc.h"
#include "plugin/linux/fs/regular_file.h"

namespace faultline::os {
namespace {

using mm::Pfn;

}  // namespace

RegularInode::RegularInode(std::shared_ptr<FileSystem> fs, uint64_t ino,
                           uint32_t mode, mm::PhysMem& phys,
                           std::unique_ptr<mm::Backing> backing)
    : Inode(std::move(fs), ino, mode),
      phys_(phys),
      backing_(backing.get()),
      mapping_(phys,
               backing_ != nullptr ? mm::Mapping::Kind::kRegular
                                   : mm::Mapping::Kind::kShmem,
               std::move(backing)) {}

KStat RegularInode::Stat() {
  KStat s = Inode::Stat();
  s.blksize = uint32_t(phys_.page_shift().bytes());
  if (backing_ == nullptr) {
    s.blocks =
        (mapping_.cached() + mapping_.swapped()).in_bytes(phys_.page_shift()) /
        512;
  }
  return s;
}

ErrnoOr<std::shared_ptr<File>> RegularInode::Open(const Caller&,
                                                  const Path& path,
                                                  uint32_t flags) {
  return std::shared_ptr<File>(std::make_shared<RegularFile>(
      path, std::static_pointer_cast<RegularInode>(shared_from_this()), flags));
}

ErrnoOr<Done> RegularInode::SetAttr(const AttrChange& change) {
  if (change.mode && !SealsAllowMode(seals_, mode(), *change.mode)) {
    return Errno::kEPERM;
  }
  return Inode::SetAttr(change);
}

ErrnoOr<Done> RegularInode::Truncate(uint64_t size) {
  if (int64_t(size) < 0) {
    return Errno::kEFBIG;
  }
  if ((size < this->size() && (seals_ & kSealShrink) != 0) ||
      (size > this->size() && (seals_ & kSealGrow) != 0)) {
    return Errno::kEPERM;
  }
  mapping_.Resize(size);
  TouchModify();
  return kDone;
}

// One page's part of a read, straight from the page.
ErrnoOr<size_t> RegularInode::ReadPage(uint64_t index, size_t offset, size_t n,
                                       IovIter& to) {
  Pfn pfn;
  if (const Pfn* cached = mapping_.Find(index)) {
    pfn = *cached;
    phys_.Get(pfn);
  } else if (backing_ != nullptr || mapping_.SwapSlotOf(index).has_value()) {
    FL_ASSIGN(pfn, mapping_.FindOrCreate(index));
  } else {
    return to.Clear(n);  // a hole
  }
  if (phys_.frame(pfn).hw_poisoned) {
    phys_.Put(pfn);
    return Errno::kEIO;
  }
  const size_t copied =
      to.CopyTo(absl::MakeConstSpan(phys_.Data(pfn) + offset, n));
  phys_.lru().MarkAccessed(phys_.HeadOf(pfn));
  phys_.Put(pfn);
  return copied;
}

ErrnoOr<uint64_t> RegularInode::ReadPages(uint64_t offset, IovIter& to) {
  const mm::PageShift shift = phys_.page_shift();
  uint64_t done = 0;
  while (to.remaining() != 0 && offset + done < size()) {
    const uint64_t at = offset + done;
    const size_t in_page = size_t(at & shift.mask());
    const size_t n = size_t(
        std::min({to.remaining(), size() - at, shift.bytes() - in_page}));
    const ErrnoOr<size_t> copied =
        ReadPage(at >> shift.value(), in_page, n, to);
    if (!copied.ok()) {
      return done != 0 ? ErrnoOr<uint64_t>(done) : copied.error();
    }
    done += *copied;
    if (*copied < n) {
      return done != 0 ? ErrnoOr<uint64_t>(done) : Errno::kEFAULT;
    }
  }
  return done;
}

ErrnoOr<uint64_t> RegularInode::WritePages(uint64_t offset, IovIter& from,
                                           mm::FaultInFirst fault_in_first) {
  const mm::PageShift shift = phys_.page_shift();
  std::vector<std::byte> bounce(backing_ == nullptr ? 0 : shift.bytes());
  uint64_t done = 0;
  while (from.remaining() != 0) {
    const uint64_t at = offset + done;
    const size_t room = size_t(shift.bytes() - (at & shift.mask()));
    const size_t n = size_t(std::min<uint64_t>(from.remaining(), room));
    const ErrnoOr<uint64_t> written =
        backing_ == nullptr
            ? WriteInPlace(at, n, from, fault_in_first)
            : WriteFetched(at, from, absl::MakeSpan(bounce).first(n));
    if (!written.ok()) {
      return done != 0 ? ErrnoOr<uint64_t>(done) : written;
    }
    done += *written;
  }
  if (done != 0) {
    NoteWrite();
  }
  return done;
}

// shmem_write_begin(): the seals of memory files.
bool RegularInode::MayWrite(uint64_t end) const {
  return (seals_ & (kSealWrite | kSealFutureWrite)) == 0 &&
         ((seals_ & kSealGrow) == 0 || end <= size());
}

// generic_perform_write(), a round of it: nothing may wait for user memory
// while a page is half written, so the copy is made without page faults.
ErrnoOr<uint64_t> RegularInode::WriteInPlace(uint64_t at, size_t bytes,
                                             IovIter& from,
                                             mm::FaultInFirst fault_in_first) {
  const size_t in_page = size_t(at & phys_.page_shift().mask());
  bool faulted_in = fault_in_first == mm::FaultInFirst::kNo;
  for (;;) {
    if (!faulted_in && !from.FaultInReadable(bytes)) {
      return Errno::kEFAULT;
    }
    if (!MayWrite(at + bytes)) {
      return Errno::kEPERM;
    }
    FL_ASSIGN(const Pfn page, mapping_.BeginWrite(at, at + from.remaining()));
    const size_t copied =
        from.CopyFromNofault(absl::MakeSpan(phys_.Data(page) + in_page, bytes));
    mapping_.EndWrite(page, at, copied);
    if (copied != 0) {
      return copied;
    }
    if (mm::FatalSignalPending()) {
      return Errno::kEINTR;
    }
    faulted_in = false;
  }
}

// Where a page may have to be read in, only what has arrived is asked for.
ErrnoOr<uint64_t> RegularInode::WriteFetched(uint64_t at, IovIter& from,
                                             absl::Span<std::byte> bounce) {
  const size_t got = from.CopyFrom(bounce);
  if (got == 0) {
    return Errno::kEFAULT;
  }
  return mapping_.Write(at, bounce.first(got));
}

void RegularInode::NoteWrite() {
  // file_remove_privs(): a write takes set-id bits away.
  if ((mode_ & kS_ISUID) != 0) {
    mode_ &= ~kS_ISUID;
  }
  if ((mode_ & (kS_ISGID | 0010)) == (kS_ISGID | 0010)) {
    mode_ &= ~kS_ISGID;
  }
  TouchModify();
}

void RegularInode::DirectlyWritten(uint64_t end) {
  if (end > size()) {
    mapping_.Resize(end);
  }
  NoteWrite();
}

ErrnoOr<Done> RegularInode::Allocate(int mode, uint64_t offset,
                                     uint64_t length) {
  const uint64_t end = offset + length;
  if (mode == (kFallocPunchHole | kFallocKeepSize)) {
    if ((seals_ & (kSealWrite | kSealFutureWrite)) != 0) {
      return Errno::kEPERM;
    }
    mapping_.PunchHole(offset, length);
    TouchModify();
    return kDone;
  }
  // shmem knows no other mode than these.
  if ((mode & ~kFallocKeepSize) != 0 || (mode & kFallocZeroRange) != 0) {
    return Errno::kEOPNOTSUPP;
  }
  // Sealed, it may not have memory beyond its end either.
  if (end > size() && (seals_ & kSealGrow) != 0) {
    return Errno::kEPERM;
  }
  FL_TRY(mapping_.Reserve(offset, length));
  if ((mode & kFallocKeepSize) == 0 && end > size()) {
    mapping_.Resize(end);
  }
  TouchModify();
  return kDone;
}

// Data is what is in the page cache, or all of a file that has a backing.
ErrnoOr<uint64_t> RegularInode::SeekDataOrHole(uint64_t offset, Seek what) {
  if (backing_ != nullptr) {
    return what == Seek::kData ? offset : size();
  }
  const mm::PageShift shift = phys_.page_shift();
  const uint64_t index = offset >> shift.value();
  if (what == Seek::kData) {
    const auto next = mapping_.NextPage(index);
    if (!next || *next << shift.value() >= size()) {
      return Errno::kENXIO;
    }
    return std::max(offset, *next << shift.value());
  }
  uint64_t hole = index;
  while (mapping_.NextPage(hole) == hole) {
    ++hole;
  }
  return std::clamp(hole << shift.value(), offset, size());
}

ErrnoOr<Done> RegularInode::WriteBack() {
  if (backing_ == nullptr) {
    return kDone;
  }
  return mapping_.WriteBack(0, size());
}

ErrnoOr<Done> RegularInode::AddSeals(uint32_t seals) {
  FL_ASSIGN(seals_, os::AddSeals(seals_, seals, mode(), mapping_));
  return kDone;
}

}  // namespace faultline::os
