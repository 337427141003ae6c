// Paths relative to a directory descriptor; getcwd; "..", ".", "//".
// Covers: plugin/linux/fs/calls/at.cc plugin/linux/fs/calls/cwd_calls.cc
#include "tests/abi/file/directory.h"

int main(void) {
  EnterScratchDirectory();
  MUST(mkdir("d", 0755));
  int d = MUST(open("d", O_RDONLY | O_DIRECTORY));
  MUST(mkdirat(d, "e", 0755));
  MUST(close(MUST(openat(d, "f", O_CREAT | O_WRONLY, 0644))));
  struct stat st;
  MUST(fstatat(AT_FDCWD, "d//./e/../f", &st, 0));
  MUST(faccessat(d, "f", R_OK | W_OK, 0));
  MUST(renameat(d, "f", d, "g"));
  MUST(linkat(d, "g", AT_FDCWD, "h", 0));
  MUST(fstatat(d, "", &st, AT_EMPTY_PATH));
  CHECK(S_ISDIR(st.st_mode));
  CHECK_FAILS(fstatat(d, "", &st, 0), ENOENT);
  CHECK_FAILS(openat(99, "g", O_RDONLY), EBADF);
  int h = MUST(open("h", O_RDONLY));
  CHECK_FAILS(openat(h, "g", O_RDONLY), ENOTDIR);
  Ok("relative to a descriptor");

  char path[256], expected[256];
  MUST(fchdir(d));
  CHECK(getcwd(path, sizeof path) != NULL);
  snprintf(expected, sizeof expected, "%s/d", g_directory);
  CHECK_EQ(strcmp(path, expected), 0);
  CHECK_FAILS(syscall(SYS_getcwd, path, 5), ERANGE);
  CHECK_FAILS(chdir("g"), ENOTDIR);
  CHECK_FAILS(chdir("nowhere"), ENOENT);
  MUST(chdir(".."));
  Ok("getcwd, fchdir");

  MUST(unlinkat(d, "e", AT_REMOVEDIR));
  MUST(unlinkat(d, "g", 0));
  CHECK_FAILS(unlinkat(d, "g", 64), EINVAL);
  MUST(unlink("h"));
  MUST(rmdir("d"));
  MUST(close(d));
  RemoveScratchDirectory();
  CHECK_FAILS(syscall(SYS_getcwd, path, sizeof path), ENOENT);
  Ok("a removed directory has no path");
}
