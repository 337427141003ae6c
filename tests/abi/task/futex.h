#ifndef FAULTLINE_TESTS_ABI_TASK_FUTEX_H_
#define FAULTLINE_TESTS_ABI_TASK_FUTEX_H_

// futex(2) without a C library's opinion, and shared words for two processes.

#include <linux/futex.h>
#include <time.h>

#include "tests/abi/memory.h"

static inline long Futex(void* word, int operation, unsigned value,
                         const void* timeout_or_value2, void* word2,
                         unsigned value3) {
  return syscall(SYS_futex, word, operation, value, timeout_or_value2, word2,
                 value3);
}

// A page that forked children share.
static inline volatile unsigned* SharedWords(void) {
  return (volatile unsigned*)MUST(
      mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

// The state letter of process `pid` in /proc/PID/stat.
static inline char StateOf(pid_t pid) {
  char path[64], text[256] = {0};
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = MUST(open(path, O_RDONLY));
  CHECK(read(fd, text, sizeof text - 1) > 0);
  close(fd);
  return strrchr(text, ')')[2];
}

static inline void AwaitSleeping(pid_t pid) {
  while (StateOf(pid) != 'S') usleep(200);
}

#endif  // FAULTLINE_TESTS_ABI_TASK_FUTEX_H_
