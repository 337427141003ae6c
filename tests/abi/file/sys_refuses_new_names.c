// /sys has no names but its own: a file cannot be made there for want of a
// right, anything else because it is no operation there.
// Covers: plugin/linux/fs/knobs.cc
#include <sys/sysmacros.h>

#include "tests/abi/check.h"

#define DIRECTORY "/sys/kernel/mm/transparent_hugepage"
#define FILE_THERE DIRECTORY "/enabled"

int main(void) {
  const char* names[] = {"/sys/new", "/sys/kernel/mm/new", DIRECTORY "/new"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    const char* name = names[i];
    CHECK_FAILS(open(name, O_RDWR), ENOENT);
    CHECK_FAILS(open(name, O_CREAT | O_RDWR, 0644), EACCES);
    CHECK_FAILS(mknod(name, S_IFREG | 0644, 0), EACCES);
    CHECK_FAILS(mknod(name, S_IFIFO | 0644, 0), EPERM);
    CHECK_FAILS(mknod(name, S_IFCHR | 0644, makedev(1, 3)), EPERM);
    CHECK_FAILS(mkdir(name, 0755), EPERM);
    CHECK_FAILS(symlink("x", name), EPERM);
    CHECK_FAILS(link(FILE_THERE, name), EPERM);
    CHECK_FAILS(rename(FILE_THERE, name), EPERM);
  }
  Ok("new names");
  CHECK_FAILS(unlink(FILE_THERE), EPERM);
  CHECK_FAILS(rmdir(DIRECTORY), EPERM);
  CHECK_FAILS(open(DIRECTORY, O_TMPFILE | O_RDWR, 0644), EOPNOTSUPP);
  int fd = MUST(open(FILE_THERE, O_CREAT | O_RDONLY, 0644));
  close(fd);
  Ok("names that are there");
}
