// /proc has no names but its own: making one fails as looking it up does,
// whoever asks.
// Covers: plugin/linux/fs/file_system.h
#include "tests/abi/check.h"

int main(void) {
  const char* names[] = {"/proc/self/new", "/proc/new", "/proc/sys/vm/new",
                         "/proc/self/fd/999"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    CHECK_FAILS(open(names[i], O_CREAT | O_RDWR, 0644), ENOENT);
    CHECK_FAILS(mkdir(names[i], 0755), ENOENT);
    CHECK_FAILS(symlink("x", names[i]), ENOENT);
  }
  Ok("ENOENT");
}
