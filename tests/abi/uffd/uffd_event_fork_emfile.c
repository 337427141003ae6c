// A read that cannot make the fork's descriptor is EMFILE, and the message
// stays to be read.

#include <sys/resource.h>

#include "tests/abi/uffd_threads.h"

static void* Fork(void* unused) {
  (void)unused;
  pid_t pid = MUST(fork());
  if (pid == 0) _exit(0);
  CHECK_EQ(MUST(waitpid(pid, NULL, 0)), pid);
  return NULL;
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_FORK);
  char* area = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Fork, NULL), 0);
  struct pollfd p = {u, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10000), 1);
  struct rlimit old, none = {3, 3};
  MUST(getrlimit(RLIMIT_NOFILE, &old));
  none.rlim_max = old.rlim_max;
  MUST(setrlimit(RLIMIT_NOFILE, &none));
  struct uffd_msg message;
  CHECK_FAILS(read(u, &message, sizeof message), EMFILE);
  CHECK(HasMessage(u));
  CHECK_FAILS(read(u, &message, sizeof message), EMFILE);
  MUST(setrlimit(RLIMIT_NOFILE, &old));
  CHECK_EQ(read(u, &message, sizeof message), sizeof message);
  CHECK_EQ(message.event, UFFD_EVENT_FORK);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  Ok("EMFILE twice, then the descriptor");
  return 0;
}
