// More strings than the stack limit allows, or one over 128 KiB, is E2BIG.
#include "tests/abi/check.h"

int main(void) {
  char* one = malloc(140000);
  memset(one, 'a', 139999);
  one[139999] = 0;
  char* args[] = {one, NULL};
  CHECK_FAILS(execve("/proc/self/exe", args, NULL), E2BIG);
  Ok("one string too long");

  enum { kMany = 3000 };
  one[1000] = 0;
  char** many = malloc((kMany + 1) * sizeof *many);
  for (int i = 0; i < kMany; i++) many[i] = one;
  many[kMany] = NULL;
  CHECK_FAILS(execve("/proc/self/exe", many, NULL), E2BIG);
  Ok("too many in all");
}
