// vm.memfd_noexec: 0, a memory file can be executed unless it is asked not to
// be; 1, not unless it is asked to be; 2, never.
// Covers: plugin/linux/fs/calls/memfd_calls.cc

#include <sched.h>

#include "tests/abi/memory.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#define MFD_EXEC 16u
#endif
enum { kSealSeal = 1, kSealExec = 32 };

static void SetPolicy(const char* policy) {
  int fd = MUST(open("/proc/sys/vm/memfd_noexec", O_WRONLY));
  CHECK_EQ(write(fd, policy, 1), 1);
  close(fd);
}

static void CheckFile(unsigned flags, int mode, int seals) {
  int fd = MUST(memfd_create("m", flags));
  struct stat st;
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_mode, S_IFREG | mode);
  CHECK_EQ(fcntl(fd, F_GET_SEALS), seals);
  close(fd);
}

static void Body(void) {
  SetPolicy("0");
  CheckFile(0, 0777, kSealSeal);
  CheckFile(MFD_ALLOW_SEALING, 0777, 0);
  CheckFile(MFD_EXEC, 0777, kSealSeal);
  CheckFile(MFD_NOEXEC_SEAL, 0666, kSealExec);
  CHECK_FAILS(memfd_create("m", MFD_EXEC | MFD_NOEXEC_SEAL), EINVAL);
  Ok("0");
  SetPolicy("1");
  CheckFile(0, 0666, kSealExec);
  CheckFile(MFD_EXEC, 0777, kSealSeal);
  CheckFile(MFD_EXEC | MFD_ALLOW_SEALING, 0777, 0);
  int fd = MUST(memfd_create("m", 0));
  CHECK_FAILS(fchmod(fd, 0777), EPERM);
  MUST(fchmod(fd, 0600));
  close(fd);
  Ok("1");
  SetPolicy("2");
  CheckFile(0, 0666, kSealExec);
  CheckFile(MFD_NOEXEC_SEAL, 0666, kSealExec);
  CHECK_FAILS(memfd_create("m", MFD_EXEC), EACCES);
  CHECK_FAILS(memfd_create("m", MFD_EXEC | MFD_NOEXEC_SEAL), EINVAL);
  Ok("2");
  int knob = MUST(open("/proc/sys/vm/memfd_noexec", O_WRONLY));
  CHECK_FAILS(write(knob, "3", 1), EINVAL);
  CHECK_FAILS(write(knob, "-1", 2), EINVAL);
  SetPolicy("0");
  CheckFile(MFD_EXEC, 0777, kSealSeal);
  Ok("and back");
}

int main(void) {
  // It is a matter of the process namespace, if there are several.
  if (unshare(CLONE_NEWPID) != 0) CHECK_EQ(errno, ENOSYS);
  return RunChild(Body) != 0;
}
