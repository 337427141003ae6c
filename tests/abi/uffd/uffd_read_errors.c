// read: a buffer too short for a message is EINVAL, none there is EAGAIN, and a
// bad buffer is EFAULT and costs the message.
// Covers: plugin/linux/uffd/uffd_file.cc

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  struct uffd_msg message;
  CHECK_EQ(sizeof message, 32);
  CHECK_FAILS(read(u, &message, 31), EINVAL);
  CHECK_FAILS(read(u, &message, 0), EINVAL);
  CHECK_FAILS(read(u, &message, 32), EAGAIN);
  CHECK_FAILS(pread(u, &message, 32, 0), ESPIPE);
  Ok("nothing to read");

  char* area = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, area);
  struct pollfd p = {u, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10000), 1);
  CHECK_FAILS(read(u, &message, 31), EINVAL);
  CHECK(HasMessage(u));
  Ok("a short buffer leaves the message");

  CHECK_FAILS(read(u, Island(1, PROT_READ), 32), EFAULT);
  CHECK(!HasMessage(u));
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(u, area, kPage), 0);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');
  Ok("a bad one loses it: only a wake brings the fault back");
  return 0;
}
