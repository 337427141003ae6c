// Neither architecture can map memory write-only: it is readable too, and
// /proc/self/maps still shows what was asked for.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(1, PROT_WRITE);
  CHECK_NO_FAULT(Write(area));
  CHECK_NO_FAULT(Read(area));
  CHECK_EQ(*area, 'w');
  char* fresh = Island(1, PROT_WRITE);
  CHECK_NO_FAULT(Write(fresh));
  Ok("written, then read");

  struct MapsLine line;
  CHECK(FindMap(area, &line));
  CHECK_EQ(strcmp(line.perms, "-w-p"), 0);
  Ok("maps says -w-p");
}
