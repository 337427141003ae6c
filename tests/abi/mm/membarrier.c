// membarrier: query, register, use.
#include <linux/membarrier.h>

#include "tests/abi/check.h"

static int Membarrier(int command, unsigned flags) {
  return (int)syscall(SYS_membarrier, command, flags, 0);
}

int main(void) {
  int known = MUST(Membarrier(MEMBARRIER_CMD_QUERY, 0));
  CHECK(known & MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  CHECK_FAILS(Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0), EPERM);
  MUST(Membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0));
  MUST(Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
  Ok("registered, then used");
  CHECK_FAILS(Membarrier(1 << 30, 0), EINVAL);
  Ok("an unknown command");
}
