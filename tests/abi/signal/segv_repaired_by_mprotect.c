// A SIGSEGV handler may open the page and return: the access is done again.
#include "tests/abi/memory.h"

static char* g_area;
static volatile int g_faults;

static void Repair(int signal, siginfo_t* info, void* context) {
  (void)signal, (void)context;
  g_faults++;
  char* page = (char*)((uintptr_t)info->si_addr & -(uintptr_t)kPage);
  if (mprotect(page, kPage, kReadWrite)) _exit(2);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = Repair, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  g_area = Island(100, PROT_NONE);
  for (int i = 0; i < 100; i++) g_area[i * kPage + i] = (char)i;
  for (int i = 0; i < 100; i++) CHECK_EQ(g_area[i * kPage + i], i);
  CHECK_EQ(g_faults, 100);
  Ok("one fault a page, every store done once");
}
