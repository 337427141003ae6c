#ifndef FAULTLINE_TESTS_ABI_KERNEL_H_
#define FAULTLINE_TESTS_ABI_KERNEL_H_

// Which kernel a test runs on, for what is not the same in all of them.

#include <sys/utsname.h>

#include "check.h"

static inline bool KernelSince(int major, int minor) {
  struct utsname name;
  int its_major, its_minor;
  MUST(uname(&name));
  CHECK_EQ(sscanf(name.release, "%d.%d", &its_major, &its_minor), 2);
  return its_major > major || (its_major == major && its_minor >= minor);
}

// A machine of Faultline's, which nobody else uses and which can do what it was
// built to do.
static inline bool IsFaultline(void) {
  struct utsname name;
  MUST(uname(&name));
  return strstr(name.release, "faultline") != NULL;
}

// Ends the test as passed: the machine cannot show what it is about.
static inline void Skip(const char* why) {
  printf("skipped: %s\n", why);
  fflush(stdout);
  _exit(0);
}

#endif  // FAULTLINE_TESTS_ABI_KERNEL_H_
