#include "plugin/linux/ipc/pipe_file.h"

#include "absl/strings/str_cat.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/ipc/ioctl_numbers.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr int kFSetPipeSize = 1031;
constexpr int kFGetPipeSize = 1032;
constexpr uint32_t kPipeFsMinor = 14;

}  // namespace

PipeFile::PipeFile(std::shared_ptr<Pipe> pipe, uint64_t ino, uint32_t flags,
                   std::optional<Path> place)
    : File(flags),
      pipe_(std::move(pipe)),
      ino_(ino),
      place_(std::move(place)),
      reads_(readable()),
      writes_(writable()),
      writers_at_open_(place_ ? pipe_->writer_count() : ~uint64_t{0}) {
  pipe_->AddEnd(reads_, writes_);
}

PipeFile::~PipeFile() { pipe_->RemoveEnd(reads_, writes_); }

ErrnoOr<uint64_t> PipeFile::Read(Task& task, absl::Span<std::byte> to) {
  IovIter iter = IovIter::Kernel(to);
  return ReadIter(task, iter);
}

ErrnoOr<uint64_t> PipeFile::Write(Task& task,
                                  absl::Span<const std::byte> from) {
  IovIter iter = IovIter::Kernel(from);
  return WriteIter(task, iter);
}

ErrnoOr<uint64_t> PipeFile::ReadIter(Task&, IovIter& to) {
  return pipe_->Read(to, when_stuck());
}

ErrnoOr<uint64_t> PipeFile::WriteIter(Task& task, IovIter& from) {
  const PacketMode packets =
      (flags() & kO_DIRECT) != 0 ? PacketMode::kOn : PacketMode::kOff;
  const Pipe::Written written = pipe_->Write(from, when_stuck(), packets);
  if (written.broken) {
    SendSigPipe(task);
  }
  return written.result;
}

PollEvents PipeFile::Poll() {
  return pipe_->Poll(reads_, writes_, writers_at_open_);
}

ErrnoOr<uint64_t> PipeFile::Ioctl(Task& task, uint32_t request, uint64_t arg) {
  if (request != kFionread) {
    return Errno::kENOTTY;
  }
  FL_TRY(task.user().Put(arg, int32_t(pipe_->bytes())));
  return 0;
}

ErrnoOr<uint64_t> PipeFile::Fcntl(Task& task, int command, uint64_t arg) {
  switch (command) {
    case kFGetPipeSize:
      return pipe_->capacity();
    case kFSetPipeSize:
      return pipe_->SetCapacity(uint32_t(arg),
                                task.cred().HasCap(kCapSysResource));
    default:
      return Errno::kEINVAL;
  }
}

KStat PipeFile::Stat() {
  if (place_) {
    return place_->inode()->Stat();
  }
  KStat stat;
  stat.dev = {0, kPipeFsMinor};
  stat.ino = ino_;
  stat.mode = kS_IFIFO | 0600;
  return stat;
}

std::string PipeFile::LinkName() const {
  return place_ ? DPath(*place_) : absl::StrCat("pipe:[", ino_, "]");
}

std::shared_ptr<Inode> PipeFile::inode() const {
  return place_ ? place_->inode() : nullptr;
}

ErrnoOr<std::shared_ptr<File>> PipeFile::Reopen(uint32_t flags) {
  return std::shared_ptr<File>(
      std::make_shared<PipeFile>(pipe_, ino_, flags, place_));
}

ErrnoOr<uint64_t> PipeFile::Peek(Task&, absl::Span<std::byte> to) {
  return pipe_->Peek(to);
}

PipeEnds MakePipe(Vfs& vfs, uint32_t flags) {
  auto pipe = std::make_shared<Pipe>(vfs.phys());
  const uint64_t ino = vfs.NextAnonIno();
  return {std::make_shared<PipeFile>(pipe, ino, kO_RDONLY | flags),
          std::make_shared<PipeFile>(pipe, ino, kO_WRONLY | flags)};
}

ErrnoOr<std::shared_ptr<File>> OpenFifo(mm::PhysMem& phys, const Path& path,
                                        uint32_t flags) {
  std::shared_ptr<FifoState>& state = path.inode()->fifo();
  if (state == nullptr) {
    state = std::make_shared<Pipe>(phys);
  }
  auto pipe = std::static_pointer_cast<Pipe>(state);
  const bool nonblock = (flags & kO_NONBLOCK) != 0;
  const uint32_t mode = flags & kO_ACCMODE;
  if (mode == kO_WRONLY && nonblock && pipe->readers() == 0) {
    return Errno::kENXIO;
  }
  auto file =
      std::make_shared<PipeFile>(pipe, path.inode()->ino(), flags, path);
  const auto partner_came = [&, readers = pipe->reader_count(),
                             writers = pipe->writer_count()] {
    return mode == kO_RDONLY
               ? pipe->writers() > 0 || pipe->writer_count() != writers
               : pipe->readers() > 0 || pipe->reader_count() != readers;
  };
  if (mode == kO_RDWR || (mode == kO_RDONLY && nonblock)) {
    return std::shared_ptr<File>(file);
  }
  while (!partner_came()) {
    if (mm::Scheduler::Active()->Wait(pipe->open_queue(),
                                      mm::Interruptible::kYes) ==
        mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTSYS;  // `file` goes, and its end with it
    }
  }
  return std::shared_ptr<File>(file);
}

}  // namespace faultline::os
