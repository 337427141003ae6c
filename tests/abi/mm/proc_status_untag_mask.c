// untag_mask tells the pointer bits that the hardware looks at: on arm64 not
// the top byte, whatever prctl(PR_SET_TAGGED_ADDR_CTRL) says.
#include "tests/abi/check.h"

int main(void) {
#ifdef __aarch64__
  const char* expected = "untag_mask:\t0xffffffffffffff\n";
#else
  const char* expected = "untag_mask:\t0xffffffffffffffff\n";
#endif
  FILE* status = fopen("/proc/self/status", "r");
  char text[512];
  bool found = false;
  while (fgets(text, sizeof text, status)) {
    found |= strcmp(text, expected) == 0;
  }
  CHECK(found);
  Ok("untag_mask");
}
