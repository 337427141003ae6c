// The C library registered rseq: the kernel keeps cpu_id current; a second
// registration is refused.
// Covers: plugin/linux/task/rseq.cc
#include <linux/rseq.h>
#include <sched.h>
#include <sys/rseq.h>

#include "tests/abi/check.h"

int main(void) {
  if (__rseq_size == 0) {  // the library could not: the call must say why
    struct rseq area = {0};
    CHECK_FAILS(syscall(SYS_rseq, &area, sizeof area, 0, 0x12345678), ENOSYS);
    Ok("no rseq here");
    return 0;
  }
  struct rseq* area =
      (struct rseq*)((char*)__builtin_thread_pointer() + __rseq_offset);
  CHECK_EQ(area->cpu_id, sched_getcpu());
  CHECK_EQ(area->cpu_id_start, area->cpu_id);
  Ok("cpu_id is current");
  static struct rseq other __attribute__((aligned(32)));
  long result = syscall(SYS_rseq, &other, 32, 0, 0x12345678);
  CHECK_EQ(result, -1);
  CHECK(errno == EINVAL || errno == EBUSY || errno == EPERM);
  Ok("one registration a thread");
}
