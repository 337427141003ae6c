// Covers: plugin/linux/fs/proc/thp_knobs.cc
// khugepaged's knobs are numbers within limits; its counts are read-only.
#include "tests/abi/huge.h"

static void PathOf(const char* name, char path[128]) {
  snprintf(path, 128, "/sys/kernel/mm/transparent_hugepage/khugepaged/%s",
           name);
}
static long Number(const char* name) {
  char path[128];
  PathOf(name, path);
  FILE* f = fopen(path, "r");
  CHECK(f != NULL);
  long value = -1;
  CHECK_EQ(fscanf(f, "%ld", &value), 1);
  fclose(f);
  return value;
}
static void Refuses(const char* name, const char* text) {
  char path[128];
  PathOf(name, path);
  const long before = Number(name);
  int fd = MUST(open(path, O_WRONLY));
  CHECK_FAILS(write(fd, text, strlen(text)), EINVAL);
  close(fd);
  CHECK_EQ(Number(name), before);
}

int main(void) {
  const long pages = (long)HugeSize() / kPage;
  char too_many[32];
  snprintf(too_many, sizeof too_many, "%ld", pages);
  static const char* const kLimits[] = {"max_ptes_none", "max_ptes_swap",
                                        "max_ptes_shared"};
  for (int i = 0; i < 3; i++) {
    CHECK(Number(kLimits[i]) < pages);
    Refuses(kLimits[i], too_many);
    Refuses(kLimits[i], "many");
    Ok(kLimits[i]);
  }
  CHECK(Number("pages_to_scan") > 0);
  Refuses("pages_to_scan", "0");
  Ok("pages_to_scan");
  Refuses("scan_sleep_millisecs", "-1");
  Refuses("alloc_sleep_millisecs", "4294967296");
  Refuses("defrag", "2");
  Ok("scan_sleep_millisecs, alloc_sleep_millisecs, defrag");
  static const char* const kCounts[] = {"pages_collapsed", "full_scans"};
  for (int i = 0; i < 2; i++) {
    char path[128];
    struct stat st;
    PathOf(kCounts[i], path);
    MUST(stat(path, &st));
    CHECK_EQ(st.st_mode & 0777, 0444);
    CHECK(Number(kCounts[i]) >= 0);
    Ok(kCounts[i]);
  }
}
