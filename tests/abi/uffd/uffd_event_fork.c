// EVENT_FORK: fork waits until its message is read, which brings a descriptor
// for the child's memory; pages missing there are asked for through it.

#include "tests/abi/uffd_threads.h"

static char* g_area;

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_FORK);
  g_area = Island(2, kReadWrite);
  Arm(u, g_area, 2 * kPage, kMissing);
  CHECK_DONE(Copy(u, g_area, Letter('a'), kPage, 0), kPage);
  struct Reader reader;
  StartReader(&reader, u);
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK_EQ(g_area[0], 'a');
    CHECK(HasVmFlag(g_area, "um"));
    CHECK_EQ(*(volatile char*)(g_area + kPage), 'c');
    _exit(0);
  }
  struct uffd_msg message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_FORK);
  int child = (int)message.arg.fork.ufd;
  CHECK(child > 2);
  CHECK(child != u);
  CHECK_EQ(MUST(fcntl(child, F_GETFL)) & O_NONBLOCK, O_NONBLOCK);
  CHECK_EQ(MUST(fcntl(child, F_GETFD)), FD_CLOEXEC);
  CHECK_PAGEFAULT(NextMessage(child), g_area + kPage, kLoadFlags);
  CHECK_DONE(Copy(child, g_area + kPage, Letter('c'), kPage, 0), kPage);
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  Ok("the child is served through the new descriptor");

  CHECK(!IsPresent(g_area + kPage));
  CHECK_DONE(Copy(u, g_area + kPage, Letter('p'), kPage, 0), kPage);
  CHECK_EQ(g_area[kPage], 'p');
  CHECK_INVALID(Copy(child, g_area + kPage, Letter('x'), kPage, 0), ESRCH);
  CHECK_EQ(Handshake(child, 0), EINVAL);  // it has shaken hands
  Ok("the parent through its own");
  return 0;
}
