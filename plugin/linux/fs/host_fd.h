#ifndef FAULTLINE_PLUGIN_LINUX_FS_HOST_FD_H_
#define FAULTLINE_PLUGIN_LINUX_FS_HOST_FD_H_

// HostFd: a descriptor of the host's, closed when it goes.

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"

namespace faultline::os {

// The host is Linux: its errno values are the guest's. But that we have used
// up our own descriptors is, for the guest, the whole machine's state.
inline Errno HostErrno() {
  return errno == EMFILE ? Errno::kENFILE : static_cast<Errno>(errno);
}

// Memory that is put back to an earlier moment has descriptors in it that were
// open then. While one of these lives, none is closed but by PutBack(). One at
// a time.
class KeptHostFds {
 public:
  KeptHostFds();
  ~KeptHostFds();
  KeptHostFds(const KeptHostFds&) = delete;
  KeptHostFds& operator=(const KeptHostFds&) = delete;

  // What is open now stays so; what is opened later is closed by PutBack().
  void Mark();
  void PutBack() const;

 private:
  int first_new_ = 0;  // no descriptor is open from here on
};

void CloseHostFd(int fd);

// Memory that can be put back may be write-protected until its first write, in
// a way that our own stores get through and the host's do not (EFAULT,
// rewind/checkpoint.h). So what the host is to write to we write to first:
// here, for memory of many pages; a struct is just initialised.
void TouchForHost(absl::Span<std::byte> bytes);

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
      CloseHostFd(fd_);
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
