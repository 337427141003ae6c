// A handler may map what was missing.
#include "tests/abi/memory.h"

static volatile int g_code;

static void Repair(int signal, siginfo_t* info, void* context) {
  (void)signal, (void)context;
  g_code = info->si_code;
  char* page = (char*)((uintptr_t)info->si_addr & -(uintptr_t)kPage);
  if (mmap(page, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
           0) != page)
    _exit(2);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = Repair, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  char* area = Island(1, kReadWrite);
  MUST(munmap(area, kPage));
  CHECK_EQ(*(volatile char*)area, 0);
  CHECK_EQ(g_code, SEGV_MAPERR);
  Ok("a read finds the new page");
}
