// vmsplice puts user memory into a pipe and takes it out.
#include <sys/uio.h>

#include "tests/abi/memory.h"

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  char* area = Island(2, kReadWrite);
  memset(area, 'v', 2 * kPage);
  struct iovec vector = {area + 100, kPage};
  CHECK_EQ(MUST(vmsplice(fds[1], &vector, 1, 0)), kPage);
  char buffer[kPage];
  CHECK_EQ(read(fds[0], buffer, sizeof buffer), kPage);
  CHECK_EQ(buffer[kPage - 1], 'v');
  Ok("into a pipe");
  CHECK_EQ(write(fds[1], "hello", 5), 5);
  vector = (struct iovec){area, 5};
  CHECK_EQ(MUST(vmsplice(fds[0], &vector, 1, 0)), 5);
  CHECK_EQ(memcmp(area, "hello", 5), 0);
  Ok("out of it");
  vector.iov_base = Island(1, PROT_NONE);
  CHECK_FAILS(vmsplice(fds[1], &vector, 1, 0), EFAULT);
  Ok("EFAULT");
}
