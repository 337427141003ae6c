#ifndef FAULTLINE_PLUGIN_LINUX_FS_FD_TABLE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_FD_TABLE_H_

// FdTable: descriptors of a task. Linux: struct files_struct (fs/file.c).
// Shared by clone(CLONE_FILES), else copied; exec closes some.

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/file.h"

namespace faultline::os {

enum class CloseOnExec : uint8_t { kNo, kYes };
// What a flag bit that is set or not asks for.
constexpr CloseOnExec CloseOnExecIf(bool on) {
  return on ? CloseOnExec::kYes : CloseOnExec::kNo;
}

class FdTable {
 public:
  // What it takes is charged to `slab`.
  explicit FdTable(std::shared_ptr<mm::Slab> slab) : slab_(std::move(slab)) {}
  // Closes all.
  ~FdTable();
  FdTable& operator=(const FdTable&) = delete;

  // fork(): the same files under the same numbers. kENOMEM.
  ErrnoOr<std::shared_ptr<FdTable>> Copy() const;
  // exec(): closes those marked close-on-exec.
  void CloseForExec();
  // exit(): closes all.
  void CloseAll();

  // The file, or kEBADF. Get() refuses O_PATH files, as fdget() does;
  // GetAny() does not (fdget_raw()).
  ErrnoOr<std::shared_ptr<File>> Get(int fd) const;
  ErrnoOr<std::shared_ptr<File>> GetAny(int fd) const;

  // The lowest free number >= `min` and < `limit` (RLIMIT_NOFILE). kEMFILE,
  // kENOMEM.
  ErrnoOr<int> Install(std::shared_ptr<File> file, CloseOnExec cloexec,
                       uint64_t limit, int min = 0);
  // dup2(): at exactly `fd`, closing what was there. kEBADF if not < limit,
  // kENOMEM; then what was there stays.
  ErrnoOr<int> InstallAt(int fd, std::shared_ptr<File> file,
                         CloseOnExec cloexec, uint64_t limit);
  // kEBADF.
  ErrnoOr<Done> Close(int fd);

  // F_GETFD and F_SETFD. kEBADF.
  ErrnoOr<CloseOnExec> close_on_exec(int fd) const;
  ErrnoOr<Done> set_close_on_exec(int fd, CloseOnExec cloexec);

  // Open descriptors, ascending: /proc/PID/fd, close_range().
  std::vector<int> List() const;
  int end() const { return int(slots_.size()); }

 private:
  struct Slot {
    std::shared_ptr<File> file;
    CloseOnExec cloexec = CloseOnExec::kNo;
  };
  void Clear(Slot& slot);
  size_t FindFree(int min) const;
  // Room for numbers up to `end`, rounded up to a power of two as Linux's
  // alloc_fdtable() does. kENOMEM: nothing has changed.
  ErrnoOr<Done> Grow(size_t end);
  // Everything that may fail of giving `file` the number `fd`.
  ErrnoOr<Done> Prepare(File& file, size_t fd);

  std::shared_ptr<mm::Slab> slab_;
  mm::Slab::Charge charge_;  // for slots_
  std::vector<Slot> slots_;  // by number; free ones have no file
  // Invariant: every number below it is in use.
  int lowest_free_ = 0;
};

class Task;

// What pipe2(), socket(), eventfd() end with: the lowest free descriptor of
// the task within its RLIMIT_NOFILE. kEMFILE.
ErrnoOr<int> InstallFd(Task& task, std::shared_ptr<File> file,
                       CloseOnExec cloexec);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_FD_TABLE_H_
