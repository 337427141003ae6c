// Covers: plugin/linux/fs/proc/thp_knobs.cc
// The knobs show the choice in brackets and refuse what they do not know.
#include <fcntl.h>

#include "tests/abi/huge.h"

static void ExpectWords(const char* name, const char* const* words) {
  char path[128], text[128], bare[128];
  snprintf(path, sizeof path, "/sys/kernel/mm/transparent_hugepage/%s", name);
  int fd = MUST(open(path, O_RDONLY));
  ssize_t n = MUST(read(fd, text, sizeof text - 1));
  close(fd);
  text[n] = 0;
  char* out = bare;
  int brackets = 0;
  for (char* c = text; *c; c++) {
    if (*c == '[' || *c == ']') {
      brackets++;
    } else if (*c != '\n') {
      *out++ = *c;
    }
  }
  *out = 0;
  CHECK_EQ(brackets, 2);
  char expected[128] = "";
  for (; *words; words++) {
    if (expected[0]) strcat(expected, " ");
    strcat(expected, *words);
  }
  CHECK(strcmp(bare, expected) == 0);
  fd = MUST(open(path, O_WRONLY));
  CHECK_FAILS(write(fd, "perhaps", 7), EINVAL);
  close(fd);
  Ok(name);
}

int main(void) {
  ExpectWords("enabled", (const char*[]){"always", "madvise", "never", NULL});
  ExpectWords("defrag", (const char*[]){"always", "defer", "defer+madvise",
                                        "madvise", "never", NULL});
  ExpectWords("shmem_enabled",
              (const char*[]){"always", "within_size", "advise", "never",
                              "deny", "force", NULL});
  CHECK(HugeSize() >= 1 << 21);
  Ok("hpage_pmd_size");
}
