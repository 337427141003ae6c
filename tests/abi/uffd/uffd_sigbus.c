// SIGBUS: nobody is told of missing pages; who touches one gets the signal, a
// system call EFAULT. The handler may fill the page.

#include "tests/abi/uffd.h"

static int g_uffd;
static char* g_area;

static void Fill(int signal, siginfo_t* info, void* context) {
  (void)signal;
  (void)context;
  CHECK_EQ(info->si_code, BUS_ADRERR);
  char* page = (char*)((uintptr_t)info->si_addr & ~(kPage - 1ul));
  CHECK_DONE(Copy(g_uffd, page, Letter('s'), kPage, 0), kPage);
}

int main(void) {
  g_uffd = Uffd(UFFD_FEATURE_SIGBUS);
  g_area = Island(4, kReadWrite);
  Arm(g_uffd, g_area, 4 * kPage, kMissing);
  CHECK_FAULT(Read(g_area + 5), SIGBUS, BUS_ADRERR, g_area + 5);
  CHECK_FAULT(Write(g_area + 6), SIGBUS, BUS_ADRERR, g_area + 6);
  CHECK(!HasMessage(g_uffd));
  Ok("SIGBUS with the byte's address");

  int fds[2];
  MUST(pipe(fds));
  CHECK_FAILS(write(fds[1], g_area, 1), EFAULT);
  Ok("EFAULT from a system call");

  CHECK_DONE(Copy(g_uffd, g_area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(g_area[0], 'a');
  CHECK_DONE(ZeroPage(g_uffd, g_area + kPage, kPage, 0), kPage);
  CHECK_EQ(g_area[kPage], 0);
  Ok("pages can be filled before");

  struct sigaction action = {.sa_sigaction = Fill, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGBUS, &action, NULL));
  CHECK_EQ(*(volatile char*)(g_area + 2 * kPage + 9), 's');
  g_area[3 * kPage] = 'x';
  CHECK_EQ(g_area[3 * kPage + 1], 's');
  Ok("or by the signal's handler");
  return 0;
}
