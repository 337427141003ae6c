// Names and inodes: rename replaces, a link counts, an open file outlives its
// name.
// Covers: plugin/linux/fs/calls/name_calls.cc plugin/linux/fs/vfs.cc
#include "tests/abi/file/directory.h"

static nlink_t Links(const char* name) {
  struct stat st;
  MUST(stat(name, &st));
  return st.st_nlink;
}

int main(void) {
  EnterScratchDirectory();
  MakeFile("a", "aaa");
  MakeFile("b", "bbb");
  int b = MUST(open("b", O_RDONLY));
  MUST(rename("a", "b"));
  CHECK_FAILS(access("a", F_OK), ENOENT);
  struct stat st;
  char text[4] = {0};
  CHECK_EQ(read(b, text, 3), 3);
  CHECK_EQ(strcmp(text, "bbb"), 0);
  MUST(fstat(b, &st));
  CHECK_EQ(st.st_nlink, 0);
  Ok("rename replaces; the open file lives on");

  MUST(link("b", "c"));
  CHECK_EQ(Links("b"), 2);
  CHECK_FAILS(link("b", "c"), EEXIST);
  MUST(rename("b", "c"));  // the same inode: nothing happens
  CHECK_EQ(Links("b"), 2);
  MUST(unlink("b"));
  CHECK_EQ(Links("c"), 1);
  CHECK_FAILS(unlink("b"), ENOENT);
  Ok("links");

  MUST(mkdir("d", 0755));
  MUST(mkdir("d/e", 0755));
  CHECK_EQ(Links("d"), 3);
  CHECK_FAILS(rmdir("d"), ENOTEMPTY);
  CHECK_FAILS(unlink("d"), EISDIR);
  CHECK_FAILS(rmdir("c"), ENOTDIR);
  CHECK_FAILS(rename("c", "d"), EISDIR);
  CHECK_FAILS(rename("d", "c"), ENOTDIR);
  CHECK_FAILS(rename("d", "d/e/f"), EINVAL);
  CHECK_FAILS(link("d", "x"), EPERM);
  CHECK_FAILS(mkdir("c", 0755), EEXIST);
  MUST(rename("c", "d/e/c"));
  MUST(access("d/e/c", R_OK));
  Ok("directories");
  MUST(unlink("d/e/c"));
  MUST(rmdir("d/e"));
  MUST(rmdir("d"));
  RemoveScratchDirectory();
}
