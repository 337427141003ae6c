#include "plugin/linux/fs/host_fd.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cstdlib>

#include "guest_mm/base/check.h"

namespace faultline::os {
namespace {

constinit bool kept = false;

int HighestOpen() {
  int highest = 2;
  DIR* const dir = opendir("/proc/self/fd");
  if (dir == nullptr) {
    return 1023;
  }
  while (const dirent* const entry = readdir(dir)) {
    const int fd = std::atoi(entry->d_name);
    if (fd != dirfd(dir)) {
      highest = std::max(highest, fd);
    }
  }
  closedir(dir);
  return highest;
}

int LowestFree() {
  const int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (fd >= 0) {
    ::close(fd);
  }
  return fd;
}

}  // namespace

// Numbers are given out from the lowest. When there is no gap, those that are
// opened later are above all others.
KeptHostFds::KeptHostFds() {
  FL_CHECK(!kept);
  kept = true;
  const int highest = HighestOpen();
  int fd = 0;
  while ((fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0) {
    if (fd > highest) {
      ::close(fd);
      break;
    }
  }
  Mark();
}

KeptHostFds::~KeptHostFds() { kept = false; }

void KeptHostFds::Mark() { first_new_ = LowestFree(); }

void KeptHostFds::PutBack() const {
  if (first_new_ >= 0) {
    close_range(unsigned(first_new_), ~0u, 0);
  }
}

void CloseHostFd(int fd) {
  if (!kept) {
    ::close(fd);
  }
}

void TouchForHost(absl::Span<std::byte> bytes) {
  constexpr size_t kLeastPage = 4096;
  for (size_t at = 0; at < bytes.size(); at += kLeastPage) {
    const_cast<volatile std::byte&>(bytes[at]) = std::byte(0);
  }
  if (!bytes.empty()) {
    const_cast<volatile std::byte&>(bytes.back()) = std::byte(0);
  }
}

}  // namespace faultline::os
