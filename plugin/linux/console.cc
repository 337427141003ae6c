#include "plugin/linux/console.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace faultline::os {

namespace {

constexpr int kForever = -1;

// Whether `fd` can be used without waiting, or is in such a state that waiting
// would not help.
bool Ready(int fd, short events, int timeout_ms) {
  pollfd p{fd, events, 0};
  int n;
  do {
    n = poll(&p, 1, timeout_ms);
  } while (n < 0 && errno == EINTR);
  return n != 0;
}

}  // namespace

void Console::LookForInput(mm::MayWait wait) {
  if (input_queue_.empty()) {
    return;
  }
  if (wait == mm::MayWait::kYes) {
    AwaitInput();
  }
  if (InputReady()) {
    input_queue_.WakeAll();
  }
}

bool HostConsole::InputReady() { return Ready(STDIN_FILENO, POLLIN, 0); }

void HostConsole::AwaitInput() { (void)Ready(STDIN_FILENO, POLLIN, kForever); }

ErrnoOr<size_t> HostConsole::Read(absl::Span<std::byte> to) {
  ssize_t n;
  do {
    n = read(STDIN_FILENO, to.data(), to.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    return errno == EAGAIN ? Errno::kEAGAIN : Errno::kEIO;
  }
  return size_t(n);
}

ErrnoOr<Done> HostConsole::Write(Stream stream,
                                 absl::Span<const std::byte> from) {
  const int fd = stream == Stream::kOut ? STDOUT_FILENO : STDERR_FILENO;
  while (!from.empty()) {
    const ssize_t n = write(fd, from.data(), from.size());
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno == EAGAIN) {  // whoever opened it made it non-blocking
        (void)Ready(fd, POLLOUT, kForever);
        continue;
      }
      return errno == EPIPE ? Errno::kEPIPE : Errno::kEIO;
    }
    from.remove_prefix(size_t(n));
  }
  return kDone;
}

ErrnoOr<size_t> MemoryConsole::Read(absl::Span<std::byte> to) {
  const size_t n = std::min(to.size(), input_.size() - at_);
  std::memcpy(to.data(), input_.data() + at_, n);
  at_ += n;
  return n;
}

ErrnoOr<Done> MemoryConsole::Write(Stream stream,
                                   absl::Span<const std::byte> from) {
  (stream == Stream::kOut ? out_ : err_)
      .append(reinterpret_cast<const char*>(from.data()), from.size());
  return kDone;
}

}  // namespace faultline::os
