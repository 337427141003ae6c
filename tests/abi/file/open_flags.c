// O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW, O_PATH.
// Covers: plugin/linux/fs/calls/open_calls.cc plugin/linux/fs/path_file.cc
#include "tests/abi/file/directory.h"

int main(void) {
  EnterScratchDirectory();
  CHECK_FAILS(open("a", O_RDONLY), ENOENT);
  umask(027);
  int fd = MUST(open("a", O_CREAT | O_EXCL | O_RDWR, 0666));
  struct stat st;
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_mode, S_IFREG | 0640);
  CHECK_FAILS(open("a", O_CREAT | O_EXCL | O_RDWR, 0666), EEXIST);
  Ok("created once, with the umask");

  CHECK_EQ(write(fd, "12345", 5), 5);
  int append = MUST(open("a", O_WRONLY | O_APPEND));
  CHECK_EQ(write(append, "67", 2), 2);
  CHECK_EQ(pwrite(append, "8", 1, 0), 1);  // Linux appends here too
  char text[16] = {0};
  CHECK_EQ(pread(fd, text, sizeof text, 0), 8);
  CHECK_EQ(strcmp(text, "12345678"), 0);
  MUST(close(MUST(open("a", O_WRONLY | O_TRUNC))));
  CHECK_EQ(pread(fd, text, sizeof text, 0), 0);
  CHECK_EQ(lseek(fd, 0, SEEK_CUR), 5);
  Ok("append and truncate");

  MUST(symlink("a", "link"));
  CHECK_FAILS(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
  CHECK_FAILS(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR);
  CHECK_FAILS(open(".", O_WRONLY), EISDIR);
  CHECK_FAILS(open("a/b", O_RDONLY), ENOTDIR);
  int path = MUST(open("a", O_PATH));
  CHECK_FAILS(read(path, text, 1), EBADF);
  MUST(fstat(path, &st));
  Ok("kinds");
  MUST(unlink("a"));
  MUST(unlink("link"));
  RemoveScratchDirectory();
}
