// MADV_COLLAPSE makes base pages huge at once, whatever the knobs say.
#include "tests/abi/huge.h"
#include "tests/abi/kernel.h"

// `count` huge pages' worth of memory that has base pages only.
static char* BasePages(size_t count) {
  const size_t huge = HugeSize();
  char* area = HugeArea(count);
  MUST(madvise(area, count * huge, MADV_NOHUGEPAGE));
  for (size_t i = 0; i < count * huge; i += kPage) area[i] = (char)(i / kPage);
  CHECK_EQ(HugeKb(area), 0);
  MUST(madvise(area, count * huge, MADV_HUGEPAGE));
  return area;
}
static void ExpectContents(char* area, size_t bytes) {
  for (size_t i = 0; i < bytes; i += kPage) {
    CHECK_EQ(area[i], (char)(i / kPage));
  }
}
// EAGAIN is an invitation: others look at pages, too.
static int Collapse(char* area, size_t bytes) {
  int result = -1;
  for (int tries = 0; tries < 10 && result != 0; tries++) {
    result = madvise(area, bytes, kCollapse);
    if (result != 0 && errno != EAGAIN) break;
  }
  return result;
}

int main(void) {
  const size_t huge = HugeSize();
  const long kb = (long)huge / 1024;

  char* area = BasePages(2);
  CHECK_EQ(Collapse(area, 2 * huge), 0);
  CHECK_EQ(HugeKb(area), 2 * kb);
  ExpectContents(area, 2 * huge);
  CHECK_EQ(Collapse(area, 2 * huge), 0);
  Ok("base pages become huge, and huge ones stay so");

  area = HugeArea(1);
  MUST(madvise(area, huge, MADV_NOHUGEPAGE));
  area[5 * kPage] = 5;
  CHECK_FAILS(madvise(area, huge, kCollapse), EINVAL);
  MUST(madvise(area, huge, MADV_HUGEPAGE));
  CHECK_EQ(Collapse(area, huge), 0);
  CHECK_EQ(HugeKb(area), kb);
  CHECK_EQ(ResidentKb(area), kb);
  CHECK_EQ(area[5 * kPage], 5);
  CHECK_EQ(area[6 * kPage], 0);
  Ok("a single page is enough, but not against MADV_NOHUGEPAGE");

  area = HugeArea(1);
  CHECK_FAILS(madvise(area, huge, kCollapse), EINVAL);
  Ok("there must be something");

  area = BasePages(1);
  MUST(mprotect(area, huge, PROT_READ));
  if (KernelSince(6, 18)) {
    CHECK_EQ(Collapse(area, huge), 0);
    CHECK_EQ(HugeKb(area), kb);
  } else {
    CHECK_FAILS(Collapse(area, huge), EINVAL);
    CHECK_EQ(HugeKb(area), 0);
  }
  ExpectContents(area, huge);
  Ok("whether one must be writable is a matter of the version");

  area = BasePages(2);
  CHECK_EQ(madvise(area, kPage, kCollapse), 0);
  CHECK_EQ(madvise(area + kPage, huge, kCollapse), 0);
  CHECK_FAILS(madvise(area + kPage, kPage, kCollapse), EINVAL);
  CHECK_FAILS(madvise(area + 1, huge, kCollapse), EINVAL);
  CHECK_EQ(HugeKb(area), 0);
  Ok("a range that holds no whole huge page");

  area = BasePages(3);
  MUST(munmap(area + huge, huge));
  CHECK_FAILS(Collapse(area, 3 * huge), ENOMEM);
  CHECK_EQ(HugeKb(area), kb);
  CHECK_EQ(HugeKb(area + 2 * huge), kb);
  ExpectContents(area, huge);
  Ok("a hole is told of after the rest is done");

  area = BasePages(1);
  pid_t child = MUST(fork());
  if (child == 0) {
    area[0] = 77;
    CHECK_EQ(Collapse(area, huge), 0);
    CHECK_EQ(HugeKb(area), kb);
    CHECK_EQ(area[0], 77);
    CHECK_EQ(area[3 * kPage], 3);
    _exit(0);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  CHECK_EQ(status, 0);
  CHECK_EQ(HugeKb(area), 0);
  ExpectContents(area, huge);
  Ok("a child's collapse copies what it shares");

  area = BasePages(2);
  int self = (int)MUST(syscall(SYS_pidfd_open, getpid(), 0));
  struct {
    void* base;
    size_t length;
  } vectors[] = {{area, huge}, {area + huge, huge}};
  CHECK_EQ(syscall(SYS_process_madvise, self, vectors, 2, kCollapse, 0),
           2 * huge);
  CHECK_EQ(HugeKb(area), 2 * kb);
  ExpectContents(area, 2 * huge);
  Ok("process_madvise");
}
