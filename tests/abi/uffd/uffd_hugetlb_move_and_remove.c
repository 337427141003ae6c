// MOVE is not for huge pages of hugetlb; EVENT_REMOVE is.

#include "tests/abi/hugetlb.h"
#include "tests/abi/uffd_threads.h"

static void Body(void) {
  const size_t huge = Huge();
  int u = Uffd(kFeatureMove | UFFD_FEATURE_EVENT_REMOVE);
  char* area = MapHuge(1, kHugeFlags);
  char* src = MapHuge(1, kHugeFlags);
  src[0] = 's';
  Arm(u, area, huge, kMissing);
  CHECK_REFUSED(Move(u, area, src, huge, 0), EINVAL);
  CHECK_EQ(src[0], 's');
  Ok("MOVE is EINVAL");

  char* bytes = Anonymous(huge / kPage, kReadWrite);
  CHECK_DONE(Copy(u, area, bytes, huge, 0), huge);
  struct Reader reader;
  StartReader(&reader, u);
  MUST(madvise(area, huge, MADV_DONTNEED));
  struct uffd_msg message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_REMOVE);
  CHECK_EQ(message.arg.remove.start, (uintptr_t)area);
  CHECK_EQ(message.arg.remove.end, (uintptr_t)area + huge);
  struct Toucher t;
  StartLoad(&t, area + 1);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK_DONE(Copy(u, area, bytes, huge, 0), huge);
  CHECK_EQ(Seen(&t), 0);
  Ok("MADV_DONTNEED tells, and the page is missing");
}

int main(void) { return WithPool(2, Body); }
