// Who may have one: faults of the kernel's are for CAP_SYS_PTRACE, or for all
// if vm.unprivileged_userfaultfd is 1; EVENT_FORK is for CAP_SYS_PTRACE only.

#include "tests/abi/uffd.h"

static void SetKnob(char value) {
  int fd = MUST(open("/proc/sys/vm/unprivileged_userfaultfd", O_WRONLY));
  CHECK_EQ(write(fd, &value, 1), 1);
  close(fd);
}
static char Knob(void) {
  char value = 0;
  int fd = MUST(open("/proc/sys/vm/unprivileged_userfaultfd", O_RDONLY));
  CHECK_EQ(read(fd, &value, 1), 1);
  close(fd);
  return value;
}

static void BecomeNobody(void) {
  MUST(setresgid(65534, 65534, 65534));
  MUST(setresuid(65534, 65534, 65534));
}

static void Refused(void) {
  BecomeNobody();
  CHECK_FAILS(NewUffd(0), EPERM);
  CHECK_FAILS(NewUffd(O_CLOEXEC | O_NONBLOCK), EPERM);
  // Wrong flags are found first or last, but never accepted.
  CHECK_EQ(NewUffd(O_APPEND), -1);
  int u = MUST(NewUffd(UFFD_USER_MODE_ONLY | O_CLOEXEC));
  CHECK_EQ(Handshake(u, UFFD_FEATURE_EVENT_FORK), EPERM);
  CHECK_EQ(Handshake(u, UFFD_FEATURE_EVENT_UNMAP), 0);
}

static void Allowed(void) {
  BecomeNobody();
  int u = MUST(NewUffd(0));
  struct uffdio_api api = {.api = UFFD_API,
                           .features = UFFD_FEATURE_EVENT_FORK};
  CHECK_FAILS(ioctl(u, UFFDIO_API, &api), EPERM);
  CHECK_EQ(api.api, 0);
  CHECK_EQ(Handshake(u, kAllFeatures & ~UFFD_FEATURE_EVENT_FORK), 0);
}

int main(void) {
  const char before = Knob();
  SetKnob('0');
  CHECK_EQ(Knob(), '0');
  int refused = RunChild(Refused);
  SetKnob('1');
  CHECK_EQ(Knob(), '1');
  int allowed = RunChild(Allowed);
  int fd = MUST(open("/proc/sys/vm/unprivileged_userfaultfd", O_WRONLY));
  CHECK_FAILS(write(fd, "2", 1), EINVAL);
  CHECK_FAILS(write(fd, "-1", 2), EINVAL);
  SetKnob(before);
  CHECK_EQ(refused, 0);
  Ok("0: others get descriptors for faults of user mode only");
  CHECK_EQ(allowed, 0);
  Ok("1: others get any, but no forks");
  return 0;
}
