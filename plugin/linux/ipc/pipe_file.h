#ifndef FAULTLINE_PLUGIN_LINUX_IPC_PIPE_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_PIPE_FILE_H_

// PipeFile: an open end of a pipe, or both ends of a fifo. Linux: fs/pipe.c's
// file operations and fifo_open().

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "plugin/linux/fs/path.h"
#include "plugin/linux/ipc/pipe.h"

namespace faultline::os {

class Vfs;

class PipeFile final : public File {
 public:
  // `flags` says which ends it has; `place` is a fifo's, none for pipe(2)'s,
  // which are known by `ino` alone.
  PipeFile(std::shared_ptr<Pipe> pipe, uint64_t ino, uint32_t flags,
           std::optional<Path> place = std::nullopt);
  ~PipeFile() override;

  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> Write(Task& task,
                          absl::Span<const std::byte> from) override;
  ErrnoOr<uint64_t> ReadIter(Task& task, IovIter& to) override;
  ErrnoOr<uint64_t> WriteIter(Task& task, IovIter& from) override;
  PollEvents Poll() override;
  mm::WaitQueue* poll_queue() override { return &pipe_->poll_queue(); }
  ErrnoOr<uint64_t> Ioctl(Task& task, uint32_t request, uint64_t arg) override;
  ErrnoOr<uint64_t> Fcntl(Task& task, int command, uint64_t arg) override;
  KStat Stat() override;
  std::string LinkName() const override;
  const Path* path() const override { return place_ ? &*place_ : nullptr; }
  std::shared_ptr<Inode> inode() const override;
  ErrnoOr<std::shared_ptr<File>> Reopen(uint32_t flags) override;
  bool is_pipe() const override { return true; }
  ErrnoOr<uint64_t> Peek(Task& task, absl::Span<std::byte> to) override;

 private:
  WhenFull when_stuck() const {
    return nonblocking() ? WhenFull::kFail : WhenFull::kWait;
  }

  std::shared_ptr<Pipe> pipe_;
  uint64_t ino_;
  std::optional<Path> place_;
  const bool reads_;
  const bool writes_;
  uint64_t writers_at_open_;
};

// Both ends of a new pipe. `flags`: O_NONBLOCK, O_DIRECT.
struct PipeEnds {
  std::shared_ptr<File> read;
  std::shared_ptr<File> write;
};
PipeEnds MakePipe(Vfs& vfs, uint32_t flags);

// open(2) of a fifo, by a running actor: waits for the other side unless
// O_NONBLOCK or O_RDWR. kENXIO: O_WRONLY|O_NONBLOCK without a reader;
// kERESTARTSYS.
ErrnoOr<std::shared_ptr<File>> OpenFifo(mm::PhysMem& phys, const Path& path,
                                        uint32_t flags);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_PIPE_FILE_H_
