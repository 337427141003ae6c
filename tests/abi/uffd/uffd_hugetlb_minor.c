// Minor faults of huge pages that a file has, and CONTINUE.

#include "tests/abi/hugetlb.h"
#include "tests/abi/uffd_threads.h"

static void Body(void) {
  const size_t huge = Huge();
  int fd = MUST(memfd_create("huge", MFD_HUGETLB));
  MUST(ftruncate(fd, (off_t)(2 * huge)));
  char* view = MUST(mmap(NULL, 2 * huge, kReadWrite, MAP_SHARED, fd, 0));
  char* area = MUST(mmap(NULL, 2 * huge, kReadWrite, MAP_SHARED, fd, 0));
  view[0] = 'f';
  int u = Uffd(UFFD_FEATURE_MINOR_HUGETLBFS);
  CHECK_EQ(Arm(u, area, 2 * huge, kMinor),
           1 << _UFFDIO_WAKE | 1 << _UFFDIO_COPY | 1 << _UFFDIO_CONTINUE |
               kIoctlPoison);
  struct Toucher t;
  StartLoad(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kMinorFlags);
  CHECK_REFUSED(Continue(u, area, kPage, 0), EINVAL);
  CHECK_DONE(Continue(u, area, huge, 0), huge);
  CHECK_EQ(Seen(&t), 'f');
  Ok("a page of the file");

  CHECK_REFUSED(Continue(u, area, huge, 0), EEXIST);
  CHECK_REFUSED(Continue(u, area + huge, huge, 0), EFAULT);
  MUST(madvise(area, huge, MADV_DONTNEED));
  CHECK_PARTIAL(Continue(u, area, 2 * huge, 0), huge);
  Ok("EEXIST, EFAULT, and what was done before");

  area[huge] = 'n';
  CHECK_EQ(view[huge], 'n');
  CHECK(!HasMessage(u));
  Ok("a page that the file has not is allocated");
}

int main(void) { return WithPool(2, Body); }
