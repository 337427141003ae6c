// /dev/userfaultfd: USERFAULTFD_IOC_NEW does what userfaultfd(2) does, with
// the file's permissions in the place of privileges.
// Covers: plugin/linux/uffd/userfaultfd.cc

#include "tests/abi/uffd_threads.h"

static int g_device;

static void Unprivileged(void) {
  MUST(setresgid(65534, 65534, 65534));
  MUST(setresuid(65534, 65534, 65534));
  CHECK_FAILS(open("/dev/userfaultfd", O_RDWR), EACCES);
  // An open one serves whoever has it, and faults of the kernel's too.
  int u = MUST(ioctl(g_device, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK));
  CHECK_EQ(Handshake(u, 0), 0);
  char* area = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing);
  struct Filler filler;
  StartFiller(&filler, u, 1, 'k');
  int fds[2];
  MUST(pipe(fds));
  CHECK_EQ(write(fds[1], area, 10), 10);
  FinishFiller(&filler);
}

int main(void) {
  struct stat st;
  MUST(stat("/dev/userfaultfd", &st));
  CHECK(S_ISCHR(st.st_mode));
  CHECK_EQ(st.st_mode & 0777, 0600);
  CHECK_EQ(st.st_uid, 0);
  g_device = MUST(open("/dev/userfaultfd", O_RDWR | O_CLOEXEC));
  Ok("a character device of root's");

  int u = MUST(ioctl(g_device, USERFAULTFD_IOC_NEW, O_CLOEXEC));
  CHECK_EQ(MUST(fcntl(u, F_GETFD)), FD_CLOEXEC);
  CHECK_EQ(Handshake(u, 0), 0);
  MUST(close(u));
  u = MUST(ioctl(g_device, USERFAULTFD_IOC_NEW, UFFD_USER_MODE_ONLY));
  MUST(close(u));
  CHECK_FAILS(ioctl(g_device, USERFAULTFD_IOC_NEW, O_APPEND), EINVAL);
  CHECK_FAILS(ioctl(g_device, UFFDIO_API, NULL), EINVAL);
  CHECK_FAILS(ioctl(g_device, 0x5401, NULL), EINVAL);
  Ok("its one ioctl takes userfaultfd's flags");

  CHECK_EQ(RunChild(Unprivileged), 0);
  Ok("it needs no privilege once open");
  return 0;
}
