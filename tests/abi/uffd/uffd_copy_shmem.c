// COPY into shared memory puts the page into the file; into a private mapping
// of it, a page of the mapping's own.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  int fd = MUST(memfd_create("file", 0));
  MUST(ftruncate(fd, 3 * kPage));
  char* shared = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  char* view = MUST(mmap(NULL, 3 * kPage, PROT_READ, MAP_SHARED, fd, 0));
  Arm(u, shared, 3 * kPage, kMissing);
  CHECK_DONE(Copy(u, shared, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(view[0], 'a');
  char c = 0;
  CHECK_EQ(pread(fd, &c, 1, 4095), 1);
  CHECK_EQ(c, 'a');
  CHECK_EQ(SmapsField(shared, "Private_Dirty:") +
               SmapsField(shared, "Shared_Dirty:"),
           kPage / 1024);
  CHECK_EQ(SmapsField(view, "Shared_Dirty:"), 0);
  CHECK_EQ(SmapsField(view, "Shared_Clean:"), kPage / 1024);
  Ok("that it is dirty is known to its entry alone");

  struct stat st;
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_blocks, 8);
  Ok("others see it");

  CHECK_EQ(pwrite(fd, "b", 1, kPage), 1);
  CHECK_REFUSED(Copy(u, shared + kPage, Letter('x'), kPage, 0), EEXIST);
  CHECK_EQ(shared[kPage], 'b');
  Ok("a page that the file has is there, mapped or not");

  char* private = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  Arm(u, private, 3 * kPage, kMissing);
  CHECK_DONE(Copy(u, private + kPage, Letter('p'), kPage, 0), kPage);
  CHECK_EQ(private[kPage], 'p');
  CHECK_EQ(view[kPage], 'b');
  CHECK_DONE(Copy(u, private + 2 * kPage, Letter('q'), kPage, 0), kPage);
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_blocks, 16);
  Ok("a private mapping does not look into the file");
  return 0;
}
