// Cutting a file takes its pages out of every mapping, private copies too;
// growing it again shows zeroes.
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(3);
  char* shared = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED, file, 0));
  char* own = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_PRIVATE, file, 0));
  own[0] = own[2 * kPage] = 'x';
  CHECK_EQ(shared[2 * kPage], 'C');

  MUST(ftruncate(file, kPage));
  CHECK_NO_FAULT(Read(shared));
  CHECK_FAULT(Read(shared + kPage), SIGBUS, BUS_ADRERR, shared + kPage);
  CHECK_FAULT(Read(shared + 2 * kPage), SIGBUS, BUS_ADRERR, shared + 2 * kPage);
  Ok("a shared page is gone");
  CHECK_FAULT(Read(own + 2 * kPage), SIGBUS, BUS_ADRERR, own + 2 * kPage);
  CHECK_EQ(own[0], 'x');
  Ok("a private copy is gone");

  MUST(ftruncate(file, 3 * kPage));
  CHECK_EQ(shared[2 * kPage], 0);
  CHECK_EQ(own[2 * kPage], 0);
  Ok("grown again, it is zero");
}
