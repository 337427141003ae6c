// After fork, what either side writes the other does not see.
#include "tests/abi/memory.h"

static char* g_area;
static int g_to_child[2], g_to_parent[2];

static void Child(void) {
  char go;
  CHECK_EQ(read(g_to_child[0], &go, 1), 1);  // the parent has written now
  CHECK_EQ(g_area[0], 'x');
  CHECK_EQ(g_area[kPage], 'x');
  g_area[kPage] = 'c';
  CHECK_EQ(g_area[kPage], 'c');
  CHECK_EQ(write(g_to_parent[1], "", 1), 1);
}

int main(void) {
  MUST(pipe(g_to_child));
  MUST(pipe(g_to_parent));
  g_area = Island(3, kReadWrite);
  memset(g_area, 'x', 2 * kPage);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    Child();
    _exit(0);
  }
  g_area[0] = 'p';
  CHECK_EQ(write(g_to_child[1], "", 1), 1);
  char done;
  CHECK_EQ(read(g_to_parent[0], &done, 1), 1);
  CHECK_EQ(g_area[0], 'p');
  CHECK_EQ(g_area[kPage], 'x');
  Ok("neither sees the other's write");
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  g_area[kPage] = 'q';
  CHECK_EQ(g_area[kPage], 'q');
  Ok("the last owner writes on");
}
