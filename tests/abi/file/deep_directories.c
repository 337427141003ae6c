// Directories nest far deeper than a path can say: each step down and up works,
// getcwd() alone has no answer, and a process may end deep down there.
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tests/abi/check.h"

enum { kDepth = 4000 };

static void GoDown(void) {
  for (int i = 0; i < kDepth; i++) MUST(chdir("d"));
}

int main(void) {
  char top[] = "/tmp/deep_directories.XXXXXX";
  CHECK(mkdtemp(top) != NULL);
  MUST(chdir(top));
  for (int i = 0; i < kDepth; i++) {
    MUST(mkdir("d", 0700));
    MUST(chdir("d"));
  }
  char path[8192];
  CHECK_FAILS(syscall(SYS_getcwd, path, sizeof path), ENAMETOOLONG);
  Ok("made");

  MUST(chdir(top));
  CHECK_EQ(RunChild(GoDown), 0);
  Ok("a process ended at the bottom");

  GoDown();
  for (int i = 0; i < kDepth; i++) {
    MUST(chdir(".."));
    MUST(rmdir("d"));
  }
  CHECK(syscall(SYS_getcwd, path, sizeof path) > 0);
  CHECK_EQ(strcmp(path, top), 0);
  MUST(rmdir(top));
  Ok("removed");
}
