// Memory policies on a machine whose node 0 has memory: modes, masks and
// ranges are checked, and what is set is what is told.
// Covers: plugin/linux/memory/numa_calls.cc
#include <linux/mempolicy.h>

#include "tests/abi/memory.h"

static long SetPolicy(int mode, unsigned long* nodes, unsigned long bits) {
  return syscall(SYS_set_mempolicy, mode, nodes, bits);
}
static long GetPolicy(int* mode, unsigned long* nodes, unsigned long bits,
                      void* address, unsigned flags) {
  return syscall(SYS_get_mempolicy, mode, nodes, bits, address, flags);
}
static long Bind(void* start, size_t bytes, int mode, unsigned long* nodes,
                 unsigned long bits, unsigned flags) {
  return syscall(SYS_mbind, start, bytes, mode, nodes, bits, flags);
}

int main(void) {
  unsigned long nodes[16] = {1};
  int mode = -1;
  MUST(GetPolicy(&mode, NULL, 0, NULL, 0));
  CHECK_EQ(mode, MPOL_DEFAULT);
  MUST(SetPolicy(MPOL_BIND, nodes, 64));
  nodes[0] = 0;
  MUST(GetPolicy(&mode, nodes, 1024, NULL, 0));
  CHECK_EQ(mode, MPOL_BIND);
  CHECK_EQ(nodes[0], 1);
  CHECK_EQ(nodes[15], 0);
  MUST(SetPolicy(MPOL_DEFAULT, NULL, 0));
  MUST(GetPolicy(&mode, NULL, 0, NULL, 0));
  CHECK_EQ(mode, MPOL_DEFAULT);
  Ok("what is set is what is told");

  MUST(GetPolicy(NULL, nodes, 1024, NULL, MPOL_F_MEMS_ALLOWED));
  CHECK_EQ(nodes[0] & 1, 1);
  CHECK_FAILS(GetPolicy(&mode, NULL, 0, NULL, 0x100), EINVAL);
  CHECK_FAILS(
      GetPolicy(&mode, NULL, 0, NULL, MPOL_F_MEMS_ALLOWED | MPOL_F_ADDR),
      EINVAL);
  CHECK_FAILS(GetPolicy(&mode, NULL, 0, &mode, 0), EINVAL);
  CHECK_FAILS(GetPolicy(&mode, NULL, 0, (void*)8, MPOL_F_ADDR), EFAULT);
  CHECK_FAILS(GetPolicy(&mode, NULL, 0, NULL, MPOL_F_NODE), EINVAL);
  Ok("what may be asked");

  nodes[0] = 1;
  CHECK_FAILS(SetPolicy(99, nodes, 64), EINVAL);
  CHECK_FAILS(SetPolicy(MPOL_DEFAULT, nodes, 64), EINVAL);
  CHECK_FAILS(SetPolicy(MPOL_LOCAL, nodes, 64), EINVAL);
  CHECK_FAILS(SetPolicy(MPOL_BIND, NULL, 0), EINVAL);
  CHECK_FAILS(SetPolicy(MPOL_BIND, (void*)8, 64), EFAULT);
  MUST(SetPolicy(MPOL_PREFERRED, NULL, 0));
  MUST(SetPolicy(MPOL_DEFAULT, NULL, 0));
  Ok("which modes take nodes");

  char* area = Anonymous(4, kReadWrite);
  MUST(Bind(area, 4 * kPage, MPOL_BIND, nodes, 64, 0));
  CHECK_FAILS(Bind(area + 1, kPage, MPOL_BIND, nodes, 64, 0), EINVAL);
  CHECK_FAILS(Bind(area, kPage, 99, nodes, 64, 0), EINVAL);
  CHECK_FAILS(Bind(area, kPage, MPOL_BIND, nodes, 64, 0x100), EINVAL);
  MUST(munmap(area + 2 * kPage, kPage));
  CHECK_FAILS(Bind(area, 4 * kPage, MPOL_BIND, nodes, 64, 0), EFAULT);
  MUST(Bind(area, 0, MPOL_BIND, nodes, 64, 0));
  Ok("ranges");
}
