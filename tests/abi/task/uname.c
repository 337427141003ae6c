// The machine is called as its architecture, the system Linux.
// Covers: plugin/linux/system/calls.cc
#include <sys/utsname.h>

#include "tests/abi/check.h"

int main(void) {
  struct utsname name;
  MUST(uname(&name));
  CHECK_EQ(strcmp(name.sysname, "Linux"), 0);
#if defined(__x86_64__)
  CHECK_EQ(strcmp(name.machine, "x86_64"), 0);
#elif defined(__aarch64__)
  CHECK_EQ(strcmp(name.machine, "aarch64"), 0);
#endif
  int major, minor;
  CHECK_EQ(sscanf(name.release, "%d.%d", &major, &minor), 2);
  CHECK(major >= 5);
  CHECK(strlen(name.nodename) > 0);
  Ok("Linux on this machine");
}
