// The heap grows zeroed, keeps its bytes, shrinks, and is zero when it grows
// again. A break below its start changes nothing.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static char* Brk(char* to) { return (char*)syscall(SYS_brk, to); }

int main(void) {
  char* end = Brk(NULL);
  char* page = (char*)(((uintptr_t)end + kPage - 1) & -(uintptr_t)kPage);
  CHECK_EQ(Brk(page + 3 * kPage), page + 3 * kPage);
  CHECK_EQ(page[2 * kPage], 0);
  page[0] = page[2 * kPage] = 'x';
  struct MapsLine line;
  CHECK(FindMap(page, &line));
  CHECK_EQ(strcmp(line.name, "[heap]"), 0);
  Ok("grows, zeroed, and is called [heap]");

  CHECK_EQ(Brk(page + kPage + 1), page + kPage + 1);
  CHECK_NO_FAULT(Read(page + 2 * kPage - 1));
  CHECK_FAULT(Read(page + 2 * kPage), SIGSEGV, SEGV_MAPERR, page + 2 * kPage);
  Ok("shrinks to a whole page");

  CHECK_EQ(Brk(page + 3 * kPage), page + 3 * kPage);
  CHECK_EQ(page[0], 'x');
  CHECK_EQ(page[2 * kPage], 0);
  Ok("grows again, zeroed");

  CHECK_EQ(Brk((char*)kPage), page + 3 * kPage);
  Ok("an impossible break is refused by the old one");
}
