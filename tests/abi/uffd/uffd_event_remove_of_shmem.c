// EVENT_REMOVE comes of MADV_REMOVE and MADV_DONTNEED of shared memory, not of
// holes punched through the file.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_REMOVE);
  int fd = LetterFile(2);
  char* area = MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_EQ(area[0], 'A');
  Arm(u, area, 2 * kPage, kMissing);
  struct Reader reader;
  StartReader(&reader, u);
  MUST(madvise(area, kPage, MADV_REMOVE));
  struct uffd_msg message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_REMOVE);
  CHECK_EQ(message.arg.remove.start, (uintptr_t)area);
  CHECK_EQ(message.arg.remove.end, (uintptr_t)area + kPage);
  struct Toucher t;
  StartLoad(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK_DONE(Copy(u, area, Letter('z'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'z');
  Ok("MADV_REMOVE makes the page missing");

  StartReader(&reader, u);
  MUST(madvise(area + kPage, kPage, MADV_DONTNEED));
  message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_REMOVE);
  CHECK_EQ(area[kPage], 'B');
  Ok("MADV_DONTNEED does not: the file has it");

  MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kPage, kPage));
  CHECK(!HasMessage(u));
  StartLoad(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kLoadFlags);
  CHECK_DONE(ZeroPage(u, area + kPage, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 0);
  Ok("a hole punched is only found missing");
  return 0;
}
