#include "plugin/linux/fs/console_file.h"

#include "absl/strings/str_cat.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/signal/send.h"

namespace faultline::os {
namespace {

constexpr uint32_t kPipefsMinor = 14;

class ConsoleFile final : public File {
 public:
  ConsoleFile(Console& console, StandardStream stream)
      : File(stream == StandardStream::kIn ? kO_RDONLY : kO_WRONLY),
        console_(console),
        stream_(stream) {}

  ErrnoOr<uint64_t> Read(Task&, absl::Span<std::byte> to) override {
    if (to.empty()) {
      return uint64_t{0};
    }
    for (;;) {
      if (console_.InputReady()) {
        const ErrnoOr<size_t> n = console_.Read(to);
        if (n.ok()) {
          return uint64_t{*n};
        }
        if (n.error() != Errno::kEAGAIN) {
          return n.error();  // EAGAIN: someone outside was quicker
        }
      }
      if (nonblocking()) {
        return Errno::kEAGAIN;
      }
      if (mm::Scheduler::Active()->Wait(console_.input_queue(),
                                        mm::Interruptible::kYes) ==
          mm::WaitResult::kInterrupted) {
        return Errno::kERESTARTSYS;
      }
    }
  }
  ErrnoOr<uint64_t> Write(Task& task,
                          absl::Span<const std::byte> from) override {
    const ErrnoOr<Done> written =
        console_.Write(stream_ == StandardStream::kErr ? Console::Stream::kErr
                                                       : Console::Stream::kOut,
                       from);
    if (!written.ok()) {
      if (written.error() == Errno::kEPIPE) {
        SendSigPipe(task);
      }
      return written.error();
    }
    return uint64_t{from.size()};
  }
  KStat Stat() override {
    KStat s;
    s.dev = {0, kPipefsMinor};
    s.ino = uint64_t(stream_) + 1;
    s.mode = kS_IFIFO | 0600;
    return s;
  }
  PollEvents Poll() override {
    if (stream_ != StandardStream::kIn) {
      return kPollOut | kPollWrNorm;
    }
    return console_.InputReady() ? kPollIn | kPollRdNorm : PollEvents{0};
  }
  mm::WaitQueue* poll_queue() override {
    return stream_ == StandardStream::kIn ? &console_.input_queue() : nullptr;
  }
  std::string LinkName() const override {
    return absl::StrCat("pipe:[", uint64_t(stream_) + 1, "]");
  }
  ErrnoOr<std::shared_ptr<File>> Reopen(uint32_t flags) override {
    auto file = std::make_shared<ConsoleFile>(console_, stream_);
    file->set_flags(flags);
    return std::shared_ptr<File>(std::move(file));
  }

 private:
  Console& console_;
  StandardStream stream_;
};

}  // namespace

std::shared_ptr<File> MakeConsoleFile(Console& console, StandardStream stream) {
  return std::make_shared<ConsoleFile>(console, stream);
}

}  // namespace faultline::os
