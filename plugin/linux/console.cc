#include "plugin/linux/console.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace faultline::os {

ErrnoOr<size_t> HostConsole::Read(absl::Span<std::byte> to) {
  ssize_t n;
  do {
    n = read(STDIN_FILENO, to.data(), to.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    return Errno::kEIO;
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
        pollfd p{fd, POLLOUT, 0};
        (void)poll(&p, 1, -1);
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
