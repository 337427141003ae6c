// userfaultfd(2): O_CLOEXEC, O_NONBLOCK, UFFD_USER_MODE_ONLY and nothing else.

#include "tests/abi/uffd.h"

int main(void) {
  int u = MUST(NewUffd(0));
  CHECK_EQ(MUST(fcntl(u, F_GETFD)), 0);
  CHECK_EQ(MUST(fcntl(u, F_GETFL)) & O_NONBLOCK, 0);
  // 6.12 opens it for reading, later kernels for both.
  CHECK((fcntl(u, F_GETFL) & O_ACCMODE) != O_WRONLY);
  MUST(close(u));
  u = MUST(NewUffd(O_CLOEXEC));
  CHECK_EQ(MUST(fcntl(u, F_GETFD)), FD_CLOEXEC);
  MUST(close(u));
  u = MUST(NewUffd(O_NONBLOCK | UFFD_USER_MODE_ONLY));
  CHECK_EQ(MUST(fcntl(u, F_GETFL)) & O_NONBLOCK, O_NONBLOCK);
  CHECK_EQ(MUST(fcntl(u, F_GETFD)), 0);
  MUST(close(u));
  Ok("flags become the descriptor's");

  for (int bit = 1; bit < 31; bit++) {
    int flag = 1 << bit;
    if (flag == O_CLOEXEC || flag == O_NONBLOCK) continue;
    CHECK_FAILS(NewUffd(flag), EINVAL);
    CHECK_FAILS(NewUffd(flag | O_CLOEXEC), EINVAL);
  }
  CHECK_FAILS(NewUffd(-1), EINVAL);
  Ok("other bits are EINVAL");
  return 0;
}
