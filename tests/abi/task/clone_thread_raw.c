// A thread made by clone itself: same pid, own tid, shared memory, and
// CLONE_CHILD_CLEARTID wakes who waits for its end.
// Covers: plugin/linux/task/clone.cc
#include <linux/futex.h>
#include <sched.h>

#include "tests/abi/memory.h"

static volatile int g_ran;
static volatile pid_t g_pid, g_tid_inside;
static pid_t g_parent_tid;
static volatile pid_t g_child_tid;

static int Thread(void* argument) {
  g_ran = *(int*)argument;
  g_pid = (pid_t)syscall(SYS_getpid);
  g_tid_inside = (pid_t)syscall(SYS_gettid);
  return 0;
}

int main(void) {
  char* stack = Anonymous(16, kReadWrite);
  int argument = 42;
  const int kFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                     CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID |
                     CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID;
  pid_t tid = MUST(clone(Thread, stack + 16 * kPage, kFlags, &argument,
                         &g_parent_tid, NULL, &g_child_tid));
  CHECK_EQ(g_parent_tid, tid);
  pid_t now;
  while ((now = g_child_tid) != 0 || g_ran == 0)
    syscall(SYS_futex, &g_child_tid, FUTEX_WAIT, now, NULL, NULL, 0);
  CHECK_EQ(g_ran, 42);
  CHECK_EQ(g_pid, getpid());
  CHECK_EQ(g_tid_inside, tid);
  CHECK(tid != getpid());
  Ok("ran as a thread, and its tid was cleared");
  CHECK_FAILS(waitpid(tid, NULL, __WALL), ECHILD);
  Ok("a thread is no child");
}
