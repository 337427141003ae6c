// UFFDIO_POISON (6.6): who touches the page gets SIGBUS as from broken memory,
// who waits for it too.

#include "tests/abi/uffd_threads.h"

static int g_pipe[2];
static volatile int g_code;
static char* volatile g_address;

static void* TouchPoison(void* address) {
  struct sigaction action = {.sa_sigaction = OnFault, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGBUS, &action, NULL));
  if (sigsetjmp(g_fault_return, 1) == 0) *(volatile char*)address = 1;
  g_code = g_fault.code;
  g_address = g_fault.address;
  return NULL;
}

int main(void) {
  int u = Uffd(kFeaturePoison);
  char* area = Island(3, kReadWrite);
  Arm(u, area, 3 * kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, TouchPoison, area + 7), 0);
  CHECK_PAGEFAULT(NextMessage(u), area, kStoreFlags);
  CHECK_DONE(Poison(u, area, kPage, 0), kPage);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_EQ(g_code, PoisonCode());
  CHECK_EQ((uintptr_t)g_address & ~(kPage - 1ul), (uintptr_t)area);
  Ok("the waiting thread gets BUS_MCEERR_AR");

  CHECK_DONE(Poison(u, area + kPage, 2 * kPage, 0), 2 * kPage);
  CHECK_EQ(Read(area + kPage).code, PoisonCode());
  CHECK_EQ(Write(area + 2 * kPage).code, PoisonCode());
  CHECK_EQ(Write(area + 2 * kPage).signal, SIGBUS);
  CHECK(!HasMessage(u));
  Ok("so does every later access");

  MUST(pipe(g_pipe));
  CHECK_FAILS(write(g_pipe[1], area, 1), EFAULT);
  Ok("system calls get EFAULT");

  MUST(madvise(area, kPage, MADV_DONTNEED));
  CHECK_DONE(ZeroPage(u, area, kPage, 0), kPage);
  CHECK_EQ(area[0], 0);
  CHECK_EQ(Unregister(u, area, 3 * kPage), 0);
  CHECK_EQ(Read(area + kPage).code, PoisonCode());
  Ok("MADV_DONTNEED takes the poison away, UNREGISTER does not");

  MUST(madvise(area + kPage, kPage, MADV_FREE));
  CHECK_EQ(Read(area + kPage).signal, 0);
  CHECK_EQ(Read(area + 2 * kPage).code, PoisonCode());
  Ok("and so does MADV_FREE");
  return 0;
}
