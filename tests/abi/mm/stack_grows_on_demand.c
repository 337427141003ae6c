// Touching far below the stack pointer grows the stack; VmStk tells.
#include <alloca.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

__attribute__((noinline)) static long Deep(void) {
  volatile char* frame = alloca(4 << 20);
  frame[0] = 'x';  // the far end, before anything between
  CHECK_EQ(frame[0], 'x');
  CHECK_EQ(frame[2 << 20], 0);
  return StatusField("VmStk:");
}

int main(void) {
  long before = StatusField("VmStk:");
  long grown = Deep();
  CHECK(grown >= before + 4 * 1024 - 256);
  struct MapsLine line;
  CHECK(FindMap(&grown, &line));
  CHECK_EQ(strcmp(line.name, "[stack]"), 0);
  CHECK(line.end - line.start >= 4 << 20);
  Ok("grew by 4 MiB");
  CHECK(StatusField("VmStk:") >= grown);
  Ok("and stays");
}
