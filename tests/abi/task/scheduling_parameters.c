// Policies, priorities and nice values are checked, kept and inherited.
// Covers: plugin/linux/task/sched_calls.cc
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/abi/check.h"

static void Inherited(void) {
  CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
  CHECK_EQ(getpriority(PRIO_PROCESS, 0), 7);
}

static void AnotherUser(void) {
  MUST(setuid(1000));
  struct sched_param param = {.sched_priority = 1};
  CHECK_FAILS(sched_setscheduler(0, SCHED_FIFO, &param), EPERM);
  CHECK_FAILS(setpriority(PRIO_PROCESS, 0, 3), EACCES);
  MUST(setpriority(PRIO_PROCESS, 0, 12));
}

int main(void) {
  struct sched_param param = {.sched_priority = 0};
  CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
  MUST(sched_setscheduler(0, SCHED_BATCH, &param));
  CHECK_EQ(sched_getscheduler(getpid()), SCHED_BATCH);
  MUST(sched_getparam(0, &param));
  CHECK_EQ(param.sched_priority, 0);
  MUST(sched_setparam(0, &param));
  CHECK_FAILS(sched_getscheduler(-1), EINVAL);
  CHECK_FAILS(sched_getscheduler(0x3ffffff0), ESRCH);
  CHECK_FAILS(sched_setscheduler(0, 99, &param), EINVAL);
  CHECK_FAILS(sched_setscheduler(0, SCHED_FIFO, &param), EINVAL);
  CHECK_FAILS(sched_setscheduler(0, SCHED_OTHER, NULL), EINVAL);
  param.sched_priority = 5;
  CHECK_FAILS(sched_setparam(0, &param), EINVAL);
  CHECK_FAILS(sched_getparam(0x3ffffff0, &param), ESRCH);
  Ok("policies");

  CHECK_EQ(sched_get_priority_max(SCHED_FIFO), 99);
  CHECK_EQ(sched_get_priority_min(SCHED_RR), 1);
  CHECK_EQ(sched_get_priority_max(SCHED_OTHER), 0);
  CHECK_EQ(sched_get_priority_min(SCHED_IDLE), 0);
  CHECK_FAILS(sched_get_priority_max(77), EINVAL);
  CHECK_FAILS(sched_get_priority_min(77), EINVAL);
  struct timespec slice;
  MUST(sched_rr_get_interval(0, &slice));
  CHECK_FAILS(sched_rr_get_interval(0x3ffffff0, &slice), ESRCH);
  Ok("their ranges");

  MUST(setpriority(PRIO_PROCESS, 0, 0));
  CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
  MUST(setpriority(PRIO_PROCESS, 0, 7));
  CHECK_EQ(getpriority(PRIO_PROCESS, getpid()), 7);
  CHECK_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 20 - 7);
  MUST(setpriority(PRIO_PROCESS, 0, 100));
  CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
  MUST(setpriority(PRIO_PROCESS, 0, 7));
  CHECK_FAILS(getpriority(9, 0), EINVAL);
  CHECK_FAILS(setpriority(9, 0, 0), EINVAL);
  CHECK_FAILS(getpriority(PRIO_PROCESS, 0x3ffffff0), ESRCH);
  CHECK_FAILS(setpriority(PRIO_PROCESS, 0x3ffffff0, 0), ESRCH);
  CHECK(getpriority(PRIO_USER, 0) <= 7);
  Ok("nice values");

  CHECK_EQ(RunChild(Inherited), 0);
  CHECK_EQ(RunChild(AnotherUser), 0);
  Ok("children have them, and users may only be nicer");
  CHECK_FAILS(syscall(SYS_ioprio_get, 9, 0), EINVAL);
  CHECK_FAILS(syscall(SYS_ioprio_get, 1, 0x3ffffff0), ESRCH);
  MUST(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 4));
  CHECK_EQ(syscall(SYS_ioprio_get, 1, 0), 2 << 13 | 4);
  CHECK_FAILS(syscall(SYS_ioprio_set, 9, 0, 0), EINVAL);
  Ok("input and output");
}
