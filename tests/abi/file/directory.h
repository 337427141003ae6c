#ifndef FAULTLINE_TESTS_ABI_FILE_DIRECTORY_H_
#define FAULTLINE_TESTS_ABI_FILE_DIRECTORY_H_

// A scratch directory of the test's own, entered, and removed at the end.

#include "tests/abi/check.h"

static char g_directory[] = "/tmp/abi.XXXXXX";

static inline void EnterScratchDirectory(void) {
  CHECK(mkdtemp(g_directory) != NULL);
  MUST(chdir(g_directory));
}

// It must be empty by then.
static inline void RemoveScratchDirectory(void) { MUST(rmdir(g_directory)); }

// A new file in it that holds `text`.
static inline void MakeFile(const char* name, const char* text) {
  int fd = MUST(open(name, O_CREAT | O_EXCL | O_WRONLY, 0644));
  CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
  MUST(close(fd));
}

#endif  // FAULTLINE_TESTS_ABI_FILE_DIRECTORY_H_
