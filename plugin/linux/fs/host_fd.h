#ifndef FAULTLINE_PLUGIN_LINUX_FS_HOST_FD_H_
#define FAULTLINE_PLUGIN_LINUX_FS_HOST_FD_H_

// HostFd: a descriptor of the host's, closed when it goes.

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "guest_mm/base/errno.h"

namespace faultline::os {

// The host is Linux: its errno values are the guest's. But that we have used
// up our own descriptors is, for the guest, the whole machine's state.
inline Errno HostErrno() {
  return errno == EMFILE ? Errno::kENFILE : static_cast<Errno>(errno);
}

class HostFd {
 public:
  HostFd() = default;
  explicit HostFd(int fd) : fd_(fd) {}
  HostFd(HostFd&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  HostFd& operator=(HostFd&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~HostFd() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  // The host's name for what it refers to, whatever it is called by now: for
  // calls that take no descriptor, or not an O_PATH one.
  std::string ProcPath() const {
    return "/proc/self/fd/" + std::to_string(fd_);
  }

 private:
  int fd_ = -1;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_HOST_FD_H_
