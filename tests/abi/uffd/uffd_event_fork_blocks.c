// fork waits for its message to be read, and until then the filling ioctls
// answer EAGAIN; closing the descriptor lets it go on as well.

#include <sched.h>

#include "tests/abi/uffd_threads.h"

static volatile bool g_forked;

static void* Fork(void* unused) {
  (void)unused;
  // A child with descriptors of its own would keep the last one open.
  pid_t pid =
      MUST((pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
  if (pid == 0) _exit(7);
  g_forked = true;
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(WEXITSTATUS(status), 7);
  return NULL;
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_FORK);
  char* area = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing | kWp);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Fork, NULL), 0);
  struct pollfd p = {u, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10000), 1);
  CHECK_EQ(p.revents, POLLIN);
  usleep(2000);
  CHECK(!g_forked);
  CHECK_EQ(Copy(u, area, Letter('a'), kPage, 0).error, EAGAIN);
  CHECK_EQ(ZeroPage(u, area, kPage, 0).error, EAGAIN);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), EAGAIN);
  CHECK_EQ(Poison(u, area, kPage, 0).error, EAGAIN);
  CHECK_EQ(Move(u, area, Letter('a'), kPage, 0).error, EAGAIN);
  CHECK_EQ(Wake(u, area, kPage), 0);
  Ok("EAGAIN while the message is unread");

  struct uffd_msg message = NextMessage(u);
  CHECK_EQ(message.event, UFFD_EVENT_FORK);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  MUST(close((int)message.arg.fork.ufd));
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  Ok("reading it ends both");

  g_forked = false;
  CHECK_EQ(pthread_create(&thread, NULL, Fork, NULL), 0);
  CHECK_EQ(poll(&p, 1, 10000), 1);
  MUST(close(u));
  CHECK_EQ(pthread_join(thread, NULL), 0);
  Ok("so does closing the descriptor");
  return 0;
}
