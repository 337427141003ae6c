// A file without extended attributes: none is listed, none is found.
// Covers: plugin/linux/fs/calls/xattr_calls.cc
#include <sys/xattr.h>

#include "tests/abi/file/directory.h"

int main(void) {
  EnterScratchDirectory();
  MakeFile("f", "x");
  MUST(symlink("f", "link"));
  int fd = MUST(open("f", O_RDWR));
  char value[64];
  CHECK_EQ(listxattr("f", value, sizeof value), 0);
  CHECK_EQ(flistxattr(fd, NULL, 0), 0);
  CHECK_EQ(llistxattr("link", value, sizeof value), 0);
  Ok("none is listed");
  CHECK_FAILS(getxattr("f", "trusted.a", value, sizeof value), ENODATA);
  CHECK_FAILS(fgetxattr(fd, "trusted.a", value, sizeof value), ENODATA);
  CHECK_FAILS(lgetxattr("link", "trusted.a", value, sizeof value), ENODATA);
  CHECK_FAILS(removexattr("f", "trusted.a"), ENODATA);
  CHECK_FAILS(lremovexattr("link", "trusted.a"), ENODATA);
  CHECK_FAILS(fremovexattr(fd, "trusted.a"), ENODATA);
  Ok("none is found");
  CHECK_FAILS(setxattr("f", "unheard.of", "v", 1, 0), EOPNOTSUPP);
  CHECK_FAILS(lsetxattr("link", "unheard.of", "v", 1, 0), EOPNOTSUPP);
  CHECK_FAILS(fsetxattr(fd, "unheard.of", "v", 1, 0), EOPNOTSUPP);
  Ok("a name space that does not exist");
  char name[300] = {0};
  CHECK_FAILS(getxattr("f", "", value, sizeof value), ERANGE);
  memset(name, 'n', sizeof name - 1);
  CHECK_FAILS(getxattr("f", name, value, sizeof value), ERANGE);
  CHECK_FAILS(getxattr("f", (char*)8, value, sizeof value), EFAULT);
  CHECK_FAILS(getxattr("nowhere", "trusted.a", value, sizeof value), ENOENT);
  CHECK_FAILS(listxattr("nowhere", value, sizeof value), ENOENT);
  CHECK_FAILS(flistxattr(99, value, sizeof value), EBADF);
  Ok("what is refused");
  MUST(unlink("f"));
  MUST(unlink("link"));
  RemoveScratchDirectory();
}
