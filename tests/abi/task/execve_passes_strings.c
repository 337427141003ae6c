// argv and envp arrive byte for byte: empty strings, long ones, many.
#include "tests/abi/check.h"

enum { kMany = 500, kLong = 100000 };

static int Inside(int argc, char** argv, char** envp) {
  CHECK_EQ(argc, kMany);
  CHECK_EQ(strcmp(argv[0], "inside"), 0);
  CHECK_EQ(strlen(argv[1]), 0);
  CHECK_EQ(strlen(argv[2]), kLong);
  CHECK_EQ(argv[2][kLong - 1], 'l');
  CHECK_EQ(atoi(argv[kMany - 1]), kMany - 1);
  CHECK(argv[kMany] == NULL);
  CHECK_EQ(strcmp(envp[0], "A=\x01\xff"), 0);
  CHECK_EQ(strcmp(envp[1], "no equals sign"), 0);
  CHECK(envp[2] == NULL);
  // The kernel puts them next to each other.
  for (int i = 0; i + 1 < kMany; i++)
    CHECK_EQ(argv[i] + strlen(argv[i]) + 1, argv[i + 1]);
  Ok("all strings arrived");
  return 0;
}

int main(int argc, char** argv, char** envp) {
  if (argc == kMany) return Inside(argc, argv, envp);
  char* strings[kMany + 1];
  for (int i = 0; i < kMany; i++) {
    strings[i] = malloc(8);
    snprintf(strings[i], 8, "%d", i);
  }
  strings[0] = "inside";
  strings[1] = "";
  strings[2] = malloc(kLong + 1);
  memset(strings[2], 'l', kLong);
  strings[2][kLong] = 0;
  strings[kMany] = NULL;
  char* environment[] = {"A=\x01\xff", "no equals sign", NULL};
  execve("/proc/self/exe", strings, environment);
  FAIL("execve");
}
