// Without O_NONBLOCK read waits for a message, and poll is no use: POLLERR.

#include "tests/abi/uffd_threads.h"

static int g_uffd;
static char* g_area;

static void* Serve(void* unused) {
  (void)unused;
  struct uffd_msg message;
  CHECK_EQ(read(g_uffd, &message, sizeof message), sizeof message);
  CHECK_PAGEFAULT(message, g_area, kLoadFlags);
  CHECK_DONE(Copy(g_uffd, g_area, Letter('a'), kPage, 0), kPage);
  return NULL;
}

static void Nothing(int signal) { (void)signal; }

int main(void) {
  g_uffd = MUST(NewUffd(O_CLOEXEC));
  CHECK_EQ(Handshake(g_uffd, 0), 0);
  g_area = Island(1, kReadWrite);
  Arm(g_uffd, g_area, kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Serve, NULL), 0);
  usleep(2000);
  CHECK_EQ(*(volatile char*)g_area, 'a');
  CHECK_EQ(pthread_join(thread, NULL), 0);
  Ok("read waits");

  struct pollfd p = {g_uffd, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 0), 1);
  CHECK_EQ(p.revents, POLLERR);
  MUST(fcntl(g_uffd, F_SETFL, O_NONBLOCK));
  CHECK_EQ(poll(&p, 1, 0), 0);
  struct uffd_msg message;
  CHECK_FAILS(read(g_uffd, &message, sizeof message), EAGAIN);
  MUST(fcntl(g_uffd, F_SETFL, 0));
  Ok("poll is for non-blocking descriptors");

  struct sigaction action = {.sa_handler = Nothing};
  MUST(sigaction(SIGALRM, &action, NULL));
  ualarm(5000, 5000);
  CHECK_FAILS(read(g_uffd, &message, sizeof message), EINTR);
  ualarm(0, 0);
  Ok("a signal interrupts it");
  return 0;
}
