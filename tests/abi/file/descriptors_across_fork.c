// A child shares positions with its parent, but closing is its own affair.
// Covers: plugin/linux/fs/calls/file_position.cc
#include "tests/abi/check.h"

static int g_fd;

static void Child(void) {
  CHECK_EQ(write(g_fd, "child", 5), 5);
  MUST(close(g_fd));
}

int main(void) {
  g_fd = MUST(memfd_create("f", 0));
  CHECK_EQ(write(g_fd, "parent", 6), 6);
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(lseek(g_fd, 0, SEEK_CUR), 11);
  char text[12] = {0};
  CHECK_EQ(pread(g_fd, text, 11, 0), 11);
  CHECK_EQ(strcmp(text, "parentchild"), 0);
  Ok("one position");
}
