// /proc/self/numa_maps: each mapping's policy and pages.
// Covers: guest_mm/mm/proc_numa_maps.cc
#include "tests/abi/memory.h"

// The line of the mapping that starts at `start`, without the address.
static char* LineOf(const void* start) {
  static char line[512];
  char prefix[32];
  sprintf(prefix, "%08lx ", (unsigned long)start);
  FILE* maps = fopen("/proc/self/numa_maps", "r");
  CHECK(maps != NULL);
  bool found = false;
  while (!found && fgets(line, sizeof line, maps))
    found = strncmp(line, prefix, strlen(prefix)) == 0;
  fclose(maps);
  CHECK(found);
  return line + strlen(prefix);
}
#define CHECK_HAS(line, part)                                      \
  do {                                                             \
    char* has = (line);                                            \
    if (strstr(has, part) == NULL) FAIL("no %s in %s", part, has); \
  } while (0)

static char* g_area;
static void InChild(void) {
  CHECK_HAS(LineOf(g_area), " anon=2 dirty=2 mapmax=2 ");
}

int main(void) {
  char* area = g_area = Island(4, kReadWrite);
  CHECK_EQ(strcmp(LineOf(area), "default\n"), 0);
  (void)*(volatile char*)area;
  CHECK_EQ(strcmp(LineOf(area), "default\n"), 0);
  area[0] = area[kPage] = 1;
  CHECK_HAS(LineOf(area), "default anon=2 dirty=2 ");
  CHECK_HAS(LineOf(area), " N0=2 kernelpagesize_kB=4\n");
  CHECK_EQ(RunChild(InChild), 0);
  Ok("anonymous memory");

  char* file =
      MUST(mmap(NULL, 2 * kPage, PROT_READ, MAP_SHARED, LetterFile(2), 0));
  CHECK_EQ(file[0], 'A');
  CHECK_EQ(file[kPage], 'B');
  CHECK_HAS(LineOf(file), "default file=/memfd:letters\\040(deleted) ");
  CHECK_HAS(LineOf(file), " N0=2 kernelpagesize_kB=4\n");
  Ok("a file");

  unsigned long node = 1;
  MUST(syscall(SYS_set_mempolicy, 2 /* MPOL_BIND */, &node, 64));
  CHECK_HAS(LineOf(area), "bind:0 anon=2 ");
  Ok("the task's policy");
}
