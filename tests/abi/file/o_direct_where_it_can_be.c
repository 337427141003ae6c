// O_DIRECT is for files that can do without the page cache, and those in memory
// that say so when opened by name; a pipe takes it with fcntl() only, where it
// means packets.
// Covers: plugin/linux/fs/open.cc
#include <sys/socket.h>

#include "../check.h"

static int SetDirect(int fd) {
  return fcntl(fd, F_SETFL, MUST(fcntl(fd, F_GETFL)) | O_DIRECT);
}

int main(void) {
  CHECK_FAILS(open("/dev/null", O_RDONLY | O_DIRECT), EINVAL);
  CHECK_FAILS(open("/proc/self/status", O_RDONLY | O_DIRECT), EINVAL);
  CHECK_FAILS(open("/", O_RDONLY | O_DIRECT), EINVAL);
  CHECK_FAILS(SetDirect(MUST(open("/", O_RDONLY))), EINVAL);
  MUST(open("/", O_PATH | O_DIRECT));
  Ok("devices, /proc and directories refuse it");

  int fd = MUST(memfd_create("memory", 0));
  CHECK_FAILS(SetDirect(fd), EINVAL);
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  int opened = open(name, O_RDWR | O_DIRECT);
  if (opened < 0) {  // before 6.6
    CHECK_EQ(errno, EINVAL);
    Ok("memory files have none of it");
  } else {
    CHECK(fcntl(opened, F_GETFL) & O_DIRECT);
    CHECK_EQ(pwrite(opened, "bytes", 5, 3), 5);
    Ok("a memory file takes it if it is opened, and copies whatever there is");
  }

  int ends[2];
  MUST(pipe(ends));
  MUST(SetDirect(ends[1]));
  snprintf(name, sizeof name, "/proc/self/fd/%d", ends[1]);
  CHECK_FAILS(open(name, O_WRONLY | O_DIRECT), EINVAL);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  CHECK_FAILS(SetDirect(ends[0]), EINVAL);
  Ok("a pipe takes it later, a socket never");
  return 0;
}
