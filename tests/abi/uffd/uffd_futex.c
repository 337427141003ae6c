// A futex in a missing page: FUTEX_WAIT asks for the word, then compares it.

#include <linux/futex.h>

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  struct Filler f;
  StartFiller(&f, u, 1, 1);
  // The word is 0x01010101 when it comes.
  CHECK_FAILS(syscall(SYS_futex, area, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0),
              EAGAIN);
  FinishFiller(&f);
  CHECK_PAGEFAULT(f.last, area, kLoadFlags);
  Ok("FUTEX_WAIT");

  // This one cannot wait: the page would be needed in the middle of it.
  CHECK_FAILS(
      syscall(SYS_futex, area, FUTEX_WAKE_OP_PRIVATE, 1, 1, area + kPage,
              FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0)),
      EFAULT);
  CHECK(!HasMessage(u));
  CHECK_DONE(Copy(u, area + kPage, Letter(1), kPage, 0), kPage);
  CHECK_EQ(syscall(SYS_futex, area, FUTEX_WAKE_OP_PRIVATE, 1, 1, area + kPage,
                   FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0)),
           0);
  CHECK_EQ(*(int*)(area + kPage), 0x01010102);
  Ok("FUTEX_WAKE_OP does not wait: EFAULT");

  CHECK_EQ(syscall(SYS_futex, area, FUTEX_WAKE_PRIVATE, 1), 0);
  MUST(madvise(area, kPage, MADV_DONTNEED));
  CHECK_EQ(syscall(SYS_futex, area, FUTEX_WAKE_PRIVATE, 1), 0);
  CHECK(!HasMessage(u));
  Ok("FUTEX_WAKE of a private word does not look at it");
  return 0;
}
