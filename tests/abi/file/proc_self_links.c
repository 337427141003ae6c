// /proc/self is this process; exe, cwd and fd/N are links to what they say.
// Covers: plugin/linux/fs/proc/pid_dir.cc plugin/linux/fs/proc/pid_fd.cc
#include "tests/abi/check.h"

int main(int argc, char** argv) {
  char text[512] = {0}, path[64];
  MUST(readlink("/proc/self", text, sizeof text - 1));
  CHECK_EQ(atoi(text), getpid());
  memset(text, 0, sizeof text);
  MUST(readlink("/proc/self/exe", text, sizeof text - 1));
  CHECK(strstr(text, "proc_self_links") != NULL);
  MUST(chdir("/tmp"));
  memset(text, 0, sizeof text);
  CHECK_EQ(MUST(readlink("/proc/self/cwd", text, sizeof text - 1)), 4);
  CHECK_EQ(strcmp(text, "/tmp"), 0);
  Ok("self, exe, cwd");

  int fds[2];
  MUST(pipe(fds));
  struct stat st;
  MUST(fstat(fds[0], &st));
  snprintf(path, sizeof path, "/proc/self/fd/%d", fds[0]);
  memset(text, 0, sizeof text);
  MUST(readlink(path, text, sizeof text - 1));
  unsigned long inode;
  CHECK_EQ(sscanf(text, "pipe:[%lu]", &inode), 1);
  CHECK_EQ(inode, st.st_ino);
  Ok("a pipe's link names its inode");

  int fd = MUST(open("/proc/self/cmdline", O_RDONLY));
  memset(text, 0, sizeof text);
  MUST(read(fd, text, sizeof text - 1));
  CHECK_EQ(argc, 1);
  CHECK_EQ(strcmp(text, argv[0]), 0);
  Ok("cmdline");
}
