// A handler in another process: when it dies with the only descriptor, who
// waits gets zeros.

#include "tests/abi/uffd_threads.h"

static int g_go[2];

int main(void) {
  MUST(pipe(g_go));
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    struct uffd_msg message = NextMessage(u);
    CHECK_DONE(
        Copy(u, (char*)message.arg.pagefault.address, Letter('h'), kPage, 0),
        kPage);
    NextMessage(u);
    CHECK_EQ(write(g_go[1], "x", 1), 1);
    for (;;) pause();
  }
  MUST(close(u));
  CHECK_EQ(*(volatile char*)area, 'h');
  Ok("another process serves");

  struct Toucher t;
  StartLoad(&t, area + kPage);
  char c;
  CHECK_EQ(read(g_go[0], &c, 1), 1);
  CHECK(StillWaits(&t));
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Seen(&t), 0);
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  Ok("its end lets the thread go on");

  MUST(madvise(area, kPage, MADV_DONTNEED));
  CHECK_EQ(area[0], 0);
  CHECK(!HasVmFlag(area, "um"));
  Ok("the memory is ordinary now");
  return 0;
}
