// A SIGBUS handler may make the file longer and return.
#include "tests/abi/memory.h"

static volatile int g_file, g_faults;

static void Repair(int signal, siginfo_t* info, void* context) {
  (void)signal, (void)info, (void)context;
  if (ftruncate(g_file, ++g_faults * kPage)) _exit(2);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = Repair, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGBUS, &action, NULL));
  g_file = MUST(memfd_create("short", 0));
  char* map = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED, g_file, 0));
  map[0] = 'a';
  CHECK_EQ(g_faults, 1);
  map[2 * kPage] = 'c';
  CHECK_EQ(g_faults, 3);
  CHECK_EQ(map[0], 'a');
  CHECK_EQ(map[2 * kPage], 'c');
  Ok("tries again until the file is long enough");
}
