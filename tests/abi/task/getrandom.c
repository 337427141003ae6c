// getrandom fills what it is given, differently each time.
// Covers: plugin/linux/system/calls.cc
#include <sys/random.h>

#include "tests/abi/check.h"

int main(void) {
  unsigned char one[256], two[256];
  CHECK_EQ(getrandom(one, sizeof one, 0), sizeof one);
  CHECK_EQ(getrandom(two, sizeof two, GRND_NONBLOCK), sizeof two);
  CHECK(memcmp(one, two, sizeof one) != 0);
  int zeros = 0;
  for (int i = 0; i < 256; i++) zeros += one[i] == 0;
  CHECK(zeros < 20);
  Ok("two different lots");
  CHECK_EQ(getrandom(one, 0, 0), 0);
  CHECK_FAILS(getrandom(one, 1, 0x8000), EINVAL);
  Ok("nothing; an unknown flag");
}
