// process_vm_readv/writev reach into another process, and stop at its hole.
// Covers: plugin/linux/memory/process_vm.cc
#include <sys/uio.h>

#include "tests/abi/memory.h"

// The caller's own vectors must lie in user space, whoever the other may be.
static void OwnVectors(void) {
  char byte = 0;
  struct iovec own = {&byte, 1}, beyond = {(void*)(1ul << 60), 1};
  CHECK_FAILS(process_vm_readv(0x3fffffff, &beyond, 1, &own, 1, 0), EFAULT);
  CHECK_FAILS(process_vm_readv(0x3fffffff, &own, 1, &beyond, 1, 0), ESRCH);
  Ok("own vectors first");
}

int main(void) {
  OwnVectors();
  char* area = Island(3, kReadWrite);
  memset(area, 'x', 3 * kPage);
  int wake[2];
  MUST(pipe(wake));
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    char go;
    CHECK_EQ(read(wake[0], &go, 1), 1);
    CHECK_EQ(area[5], 'W');
    _exit(0);
  }
  memset(area, 'p', 3 * kPage);  // the child still has its x's
  static char buffer[3 * kPage];
  struct iovec local = {buffer, 10}, remote = {area, 10};
  CHECK_EQ(MUST(process_vm_readv(pid, &local, 1, &remote, 1, 0)), 10);
  CHECK_EQ(buffer[9], 'x');
  Ok("reads the child's bytes");

  memset(buffer, 'W', sizeof buffer);
  CHECK_EQ(MUST(process_vm_writev(pid, &local, 1, &remote, 1, 0)), 10);
  CHECK_EQ(area[5], 'p');
  Ok("writes them, not ours");

  local = (struct iovec){buffer, sizeof buffer};
  struct iovec over = {area + 2 * kPage, 2 * kPage};
  CHECK_EQ(MUST(process_vm_readv(pid, &local, 1, &over, 1, 0)), kPage);
  over.iov_base = area + 3 * kPage;
  CHECK_FAILS(process_vm_readv(pid, &local, 1, &over, 1, 0), EFAULT);
  CHECK_FAILS(process_vm_readv(pid, &local, 1, &over, 1, 1), EINVAL);
  CHECK_FAILS(process_vm_readv(999999999, &local, 1, &over, 1, 0), ESRCH);
  Ok("short at a hole, EFAULT in it");

  CHECK_EQ(write(wake[1], "", 1), 1);
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  Ok("the child saw the write");

  char* own = Island(1, kReadWrite);
  for (int i = 0; i < 512; i++) own[i] = (char)i;
  struct iovec low = {own, kPage - 512}, high = {own + 512, kPage - 512};
  CHECK_EQ(process_vm_writev(getpid(), &low, 1, &high, 1, 0), kPage - 512);
  for (int i = 0; i < kPage; i++) CHECK_EQ(own[i], (char)(i % 512));
  Ok("within one page bytes are copied ascending");
}
