// Symbolic links are followed, read, dangling, and not for ever.
// Covers: plugin/linux/fs/calls/name_calls.cc
#include "tests/abi/file/directory.h"

int main(void) {
  EnterScratchDirectory();
  MUST(mkdir("d", 0755));
  MUST(symlink("d", "to_d"));
  MakeFile("to_d/f", "f");
  MUST(access("d/f", F_OK));
  MUST(symlink("../d/f", "d/up"));
  MUST(access("to_d/up", F_OK));
  char target[16] = {0};
  CHECK_EQ(readlink("d/up", target, sizeof target), 6);
  CHECK_EQ(strcmp(target, "../d/f"), 0);
  CHECK_EQ(readlink("d/up", target, 2), 2);
  CHECK_FAILS(readlink("d/f", target, sizeof target), EINVAL);
  CHECK_FAILS(readlink("d/up", target, 0), EINVAL);
  Ok("followed and read");
  MUST(symlink("nowhere", "dangling"));
  CHECK_FAILS(open("dangling", O_RDONLY), ENOENT);
  CHECK_FAILS(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
  struct stat st;
  MUST(lstat("dangling", &st));
  CHECK_EQ(st.st_mode, S_IFLNK | 0777);
  CHECK_EQ(st.st_size, 7);
  MUST(close(MUST(open("dangling", O_CREAT | O_WRONLY, 0644))));
  MUST(unlink("nowhere"));
  Ok("dangling");
  MUST(symlink("loop", "loop"));
  CHECK_FAILS(open("loop", O_RDONLY), ELOOP);
  CHECK_FAILS(rmdir("to_d"), ENOTDIR);
  Ok("loops");
  const char* names[] = {"loop", "dangling", "to_d", "d/up", "d/f"};
  for (int i = 0; i < 5; i++) MUST(unlink(names[i]));
  MUST(rmdir("d"));
  RemoveScratchDirectory();
}
