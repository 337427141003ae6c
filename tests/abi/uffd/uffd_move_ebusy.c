// MOVE of a page that a child still shares is EBUSY, until it is the mapping's
// alone.

#include "tests/abi/uffd.h"

static int g_go[2];

static void Wait(void) {
  char c;
  CHECK_EQ(read(g_go[0], &c, 1), 1);
}

int main(void) {
  int u = Uffd(kFeatureMove);
  char* area = Island(2, kReadWrite);
  char* src = Island(2, kReadWrite);
  memset(src, 's', 2 * kPage);
  Arm(u, area, 2 * kPage, kMissing);
  MUST(pipe(g_go));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    Wait();
    _exit(0);
  }
  CHECK_REFUSED(Move(u, area, src, kPage, 0), EBUSY);
  CHECK_EQ(src[0], 's');
  Ok("shared after fork");

  src[0] = 't';
  CHECK_DONE(Move(u, area, src, kPage, 0), kPage);
  CHECK_EQ(area[0], 't');
  CHECK_REFUSED(Move(u, area + kPage, src + kPage, kPage, 0), EBUSY);
  Ok("a store makes a page the mapping's own");

  CHECK_EQ(write(g_go[1], "x", 1), 1);
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  CHECK_REFUSED(Move(u, area + kPage, src + kPage, kPage, 0), EBUSY);
  src[kPage] = 'u';
  CHECK_DONE(Move(u, area + kPage, src + kPage, kPage, 0), kPage);
  CHECK_EQ(area[kPage], 'u');
  Ok("the child's end alone does not");
  return 0;
}
