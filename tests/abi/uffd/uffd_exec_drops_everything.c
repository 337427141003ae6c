// execve takes registered memory away: the descriptor that is left serves
// nobody, and who execs does not wait for its threads' pages.

#include "tests/abi/uffd_threads.h"

static int g_uffd;

int main(int argc, char** argv) {
  (void)argc;
  const char* old = getenv("UFFD_IS");
  if (old != NULL) {
    // In the new program: its memory is not the descriptor's.
    int u = atoi(old);
    char* area = Island(1, kReadWrite);
    CHECK_INVALID(Copy(u, area, Letter('a'), kPage, 0), ESRCH);
    CHECK_INVALID(Register(u, area, kPage, kMissing), ENOMEM);
    struct uffd_msg message;
    CHECK_FAILS(read(u, &message, sizeof message), EAGAIN);
    Ok("the descriptor belongs to memory that is gone");
    return 0;
  }
  g_uffd = MUST(NewUffd(O_NONBLOCK));  // not O_CLOEXEC
  CHECK_EQ(Handshake(g_uffd, 0), 0);
  char* area = Island(1, kReadWrite);
  Arm(g_uffd, area, kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, area);
  CHECK_PAGEFAULT(NextMessage(g_uffd), area, kLoadFlags);
  char text[16];
  snprintf(text, sizeof text, "%d", g_uffd);
  MUST(setenv("UFFD_IS", text, 1));
  MUST(execv("/proc/self/exe", argv));
  return 1;
}
