// process_madvise: which advice, to whom, and how much of it was taken.
// Covers: plugin/linux/memory/advice_calls.cc
#include <sys/uio.h>

#include "tests/abi/memory.h"

static long Advise(int pidfd, struct iovec* vectors, size_t count, int advice,
                   unsigned flags) {
  return syscall(440, pidfd, vectors, count, advice, flags);
}

static int g_parent;
static struct iovec g_vector;
static void Unprivileged(void) {
  MUST(setuid(1000));
  CHECK_FAILS(Advise(g_parent, &g_vector, 1, MADV_COLD, 0), EACCES);
}

int main(void) {
  char* area = Island(4, kReadWrite);
  memset(area, 1, 4 * kPage);
  int self = MUST(syscall(434, getpid(), 0));
  struct iovec v[3] = {{area, kPage}, {area + 2 * kPage, kPage}, {area, 100}};
  CHECK_EQ(Advise(self, v, 3, MADV_COLD, 0), 2 * kPage + 100);
  CHECK_EQ(Advise(self, v, 0, MADV_COLD, 0), 0);
  Ok("bytes are counted");

  CHECK_FAILS(Advise(self, v, 3, MADV_COLD, 1), EINVAL);
  CHECK_FAILS(Advise(self, v, 1025, MADV_COLD, 0), EINVAL);
  CHECK_FAILS(Advise(-1, v, 3, MADV_COLD, 0), EBADF);
  CHECK_FAILS(Advise(1, v, 3, MADV_COLD, 0), EBADF);
  CHECK_FAILS(Advise(self, NULL, 1, MADV_COLD, 0), EFAULT);
  v[1].iov_len = -1;
  CHECK_FAILS(Advise(self, v, 3, MADV_COLD, 0), EINVAL);
  v[1] = (struct iovec){area + 1, kPage};
  CHECK_EQ(Advise(self, v, 3, MADV_COLD, 0), kPage);
  CHECK_FAILS(Advise(self, v + 1, 2, MADV_COLD, 0), EINVAL);
  v[1] = (struct iovec){area + 3 * kPage, 2 * kPage};
  CHECK_EQ(Advise(self, v, 3, MADV_COLD, 0), kPage);
  // The vectors are judged before the process is looked for.
  v[1] = (struct iovec){(void*)(1ul << 60), kPage};
  CHECK_FAILS(Advise(self, v, 3, MADV_COLD, 0), EFAULT);
  CHECK_FAILS(Advise(-1, v, 3, MADV_COLD, 0), EFAULT);
  Ok("the first error ends it");

  g_parent = self;
  g_vector = v[0];
  CHECK_EQ(RunChild(Unprivileged), 0);
  int gate[2];
  MUST(pipe(gate));
  pid_t child = MUST(fork());
  if (child == 0) {
    char byte;
    close(gate[1]);
    read(gate[0], &byte, 1);
    _exit(0);
  }
  int other = MUST(syscall(434, child, 0));
  const int allowed[] = {MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT};
  const int refused[] = {MADV_NORMAL, MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE,
                         MADV_POPULATE_READ};
  for (int i = 0; i < 3; i++)
    CHECK_EQ(Advise(other, v, 1, allowed[i], 0), kPage);
  for (int i = 0; i < 5; i++)
    CHECK_FAILS(Advise(other, v, 1, refused[i], 0), EINVAL);
  close(gate[1]);
  int status;
  CHECK_EQ(MUST(waitpid(child, &status, 0)), child);
  CHECK_FAILS(Advise(other, v, 1, MADV_COLD, 0), ESRCH);
  Ok("others");
}
