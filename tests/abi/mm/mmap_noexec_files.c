// Files that nothing can be executed from refuse to be mapped so before it is
// asked whether they can be mapped at all.
// Covers: plugin/linux/memory/map_calls.cc
// Options: --kernel 6.18
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"

static bool PipesAreNoexec(void) { return KernelSince(6, 18); }

static int MapErrno(int fd, int prot) {
  errno = 0;
  void* at = mmap(NULL, kPage, prot, MAP_PRIVATE, fd, 0);
  return at == MAP_FAILED ? errno : 0;
}

int main(void) {
  int ends[2];
  MUST(pipe(ends));
  CHECK_EQ(MapErrno(ends[0], PROT_READ), ENODEV);
  CHECK_EQ(MapErrno(ends[0], PROT_READ | PROT_EXEC),
           PipesAreNoexec() ? EPERM : ENODEV);
  Ok("a pipe");
  int proc = MUST(open("/proc/self/maps", O_RDONLY));
  CHECK_EQ(MapErrno(proc, PROT_READ), ENODEV);
  CHECK_EQ(MapErrno(proc, PROT_READ | PROT_EXEC), EPERM);
  Ok("a file of /proc");
  int null = MUST(open("/dev/null", O_RDONLY));
  CHECK_EQ(MapErrno(null, PROT_READ | PROT_EXEC), ENODEV);
  Ok("a device");
}
