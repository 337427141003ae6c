// /proc/self/maps names what a process has beside files: the heap, from where
// brk began, and the stack; other memory has no name.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  struct MapsLine line;
  char* heap = MUST(sbrk(3 * kPage));
  CHECK(FindMap(heap, &line));
  CHECK_EQ(strcmp(line.name, "[heap]"), 0);
  // A piece with other rights is the heap as well.
  char* inner = (char*)(((uintptr_t)heap + 2 * kPage) & -(uintptr_t)kPage);
  MUST(mprotect(inner, kPage, PROT_READ));
  CHECK(FindMap(inner, &line));
  CHECK_EQ(line.start, inner);
  CHECK_EQ(strcmp(line.name, "[heap]"), 0);
  Ok("the heap, in pieces too");

  char* area = Island(3, kReadWrite);
  CHECK(FindMap(area, &line));
  CHECK_EQ(strcmp(line.name, ""), 0);
  Ok("other memory has none");

  char on_stack;
  CHECK(FindMap(&on_stack, &line));
  CHECK_EQ(strcmp(line.name, "[stack]"), 0);
  CHECK_EQ(strcmp(line.perms, "rw-p"), 0);
  Ok("the stack");
}
