// A process that dies holding a robust mutex leaves it marked: the next owner
// gets EOWNERDEAD and can repair it.
// Covers: plugin/linux/futex/robust_list.cc plugin/linux/futex/pi.cc
#include <pthread.h>

#include "tests/abi/memory.h"

int main(void) {
  pthread_mutex_t* mutex =
      MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  CHECK_EQ(pthread_mutex_init(mutex, &attributes), 0);
  int fds[2];
  MUST(pipe(fds));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK_EQ(pthread_mutex_lock(mutex), 0);
    CHECK_EQ(write(fds[1], "", 1), 1);
    usleep(10000);  // the parent is waiting by now
    _exit(0);
  }
  char byte;
  CHECK_EQ(read(fds[0], &byte, 1), 1);
  CHECK_EQ(pthread_mutex_lock(mutex), EOWNERDEAD);
  CHECK_EQ(pthread_mutex_consistent(mutex), 0);
  CHECK_EQ(pthread_mutex_unlock(mutex), 0);
  Ok("EOWNERDEAD, then repaired");
  CHECK_EQ(pthread_mutex_lock(mutex), 0);
  CHECK_EQ(waitpid(pid, NULL, 0), pid);
  Ok("an ordinary lock again");
}
