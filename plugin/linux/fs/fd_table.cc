#include "plugin/linux/fs/fd_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace faultline::os {
namespace {

// sysctl fs.nr_open: no descriptor is ever above it.
constexpr uint64_t kNrOpen = 1048576;

}  // namespace

FdTable::~FdTable() { CloseAll(); }

ErrnoOr<std::shared_ptr<FdTable>> FdTable::Copy() const {
  auto copy = std::make_shared<FdTable>(slab_);
  FL_TRY(copy->Grow(slots_.size()));
  copy->slots_ = slots_;
  copy->lowest_free_ = lowest_free_;
  return copy;
}

ErrnoOr<Done> FdTable::Grow(size_t end) {
  const size_t room = std::bit_ceil(end);
  const size_t bytes = room * sizeof(Slot);
  if (bytes <= charge_.bytes()) {
    return kDone;
  }
  FL_ASSIGN(mm::Slab::Charge charge, slab_->Take(bytes));
  if (bytes > charge_.bytes()) {  // nobody else made it grow meanwhile
    charge_ = std::move(charge);
    slots_.reserve(room);
  }
  return kDone;
}

ErrnoOr<Done> FdTable::Prepare(File& file, size_t fd) {
  if (!file.paid()) {
    FL_ASSIGN(mm::Slab::Charge charge, slab_->Take(File::kKernelBytes));
    file.set_charge(std::move(charge));
  }
  return Grow(fd + 1);
}

// The file is let go after the slot is free: destroying it may run code that
// looks at this table.
void FdTable::Clear(Slot& slot) {
  const std::shared_ptr<File> file = std::exchange(slot.file, nullptr);
  slot.cloexec = CloseOnExec::kNo;
  if (file != nullptr) {
    file->DescriptorClosed(this);
  }
}

void FdTable::CloseForExec() {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].cloexec == CloseOnExec::kYes) {
      lowest_free_ = std::min(lowest_free_, int(i));
      Clear(slots_[i]);
    }
  }
}

void FdTable::CloseAll() {
  for (Slot& slot : slots_) {
    Clear(slot);
  }
  slots_.clear();
  lowest_free_ = 0;
}

ErrnoOr<std::shared_ptr<File>> FdTable::GetAny(int fd) const {
  if (fd < 0 || fd >= end() || slots_[size_t(fd)].file == nullptr) {
    return Errno::kEBADF;
  }
  return slots_[size_t(fd)].file;
}

ErrnoOr<std::shared_ptr<File>> FdTable::Get(int fd) const {
  FL_ASSIGN(std::shared_ptr<File> file, GetAny(fd));
  if (file->is_path_only()) {
    return Errno::kEBADF;
  }
  return file;
}

size_t FdTable::FindFree(int min) const {
  size_t fd = size_t(std::max(min, lowest_free_));
  while (fd < slots_.size() && slots_[fd].file != nullptr) {
    ++fd;
  }
  return fd;
}

ErrnoOr<int> FdTable::Install(std::shared_ptr<File> file, CloseOnExec cloexec,
                              uint64_t limit, int min) {
  limit = std::min(limit, kNrOpen);
  size_t fd = FindFree(min);
  // Making room may wait, and who shares the table may be given `fd` meanwhile.
  for (size_t prepared = ~size_t{0}; fd != prepared; fd = FindFree(min)) {
    if (fd >= limit) {
      return Errno::kEMFILE;
    }
    FL_TRY(Prepare(*file, fd));
    prepared = fd;
  }
  if (fd >= slots_.size()) {
    slots_.resize(fd + 1);
  }
  slots_[fd] = {std::move(file), cloexec};
  if (min <= lowest_free_) {
    lowest_free_ = int(fd) + 1;
  }
  return int(fd);
}

ErrnoOr<int> FdTable::InstallAt(int fd, std::shared_ptr<File> file,
                                CloseOnExec cloexec, uint64_t limit) {
  limit = std::min(limit, kNrOpen);
  if (fd < 0 || uint64_t(fd) >= limit) {
    return Errno::kEBADF;
  }
  FL_TRY(Prepare(*file, size_t(fd)));
  if (fd >= end()) {
    slots_.resize(size_t(fd) + 1);
  }
  Clear(slots_[size_t(fd)]);
  slots_[size_t(fd)] = {std::move(file), cloexec};
  if (fd == lowest_free_) {
    ++lowest_free_;
  }
  return fd;
}

ErrnoOr<Done> FdTable::Close(int fd) {
  FL_TRY(GetAny(fd));
  lowest_free_ = std::min(lowest_free_, fd);
  Clear(slots_[size_t(fd)]);
  return kDone;
}

ErrnoOr<CloseOnExec> FdTable::close_on_exec(int fd) const {
  FL_TRY(GetAny(fd));
  return slots_[size_t(fd)].cloexec;
}

ErrnoOr<Done> FdTable::set_close_on_exec(int fd, CloseOnExec cloexec) {
  FL_TRY(GetAny(fd));
  slots_[size_t(fd)].cloexec = cloexec;
  return kDone;
}

std::vector<int> FdTable::List() const {
  std::vector<int> fds;
  for (int fd = 0; fd < end(); ++fd) {
    if (slots_[size_t(fd)].file != nullptr) {
      fds.push_back(fd);
    }
  }
  return fds;
}

}  // namespace faultline::os
