// /proc/self/stat: pid, name, state, parent, threads, vsize and rss.
// Covers: plugin/linux/fs/proc/pid_stat.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char text[1024] = {0};
  int file = MUST(open("/proc/self/stat", O_RDONLY));
  CHECK(read(file, text, sizeof text - 1) > 0);
  int pid, parent, group, session;
  long threads;
  unsigned long vsize;
  long rss;
  char state;
  CHECK_EQ(sscanf(text, "%d (proc_stat_field) %c %d %d %d", &pid, &state,
                  &parent, &group, &session),
           5);
  CHECK_EQ(pid, getpid());
  CHECK_EQ(parent, getppid());
  CHECK_EQ(state, 'R');
  CHECK_EQ(group, getpgrp());
  CHECK_EQ(session, getsid(0));
  Ok("pid, name cut to fifteen, state, parent, group, session");

  // Fields 20, 23 and 24.
  CHECK_EQ(sscanf(strrchr(text, ')') + 2,
                  "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*u %*u "
                  "%*d %*d %ld %*d %*u %lu %ld",
                  &threads, &vsize, &rss),
           3);
  CHECK_EQ(threads, 1);
  CHECK_EQ(vsize, StatusField("VmSize:") * 1024);
  CHECK(rss > 0);
  Ok("threads, vsize, rss");
}
