// MCL_FUTURE locks what is mapped later; a child inherits none of it.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static void Child(void) { CHECK_EQ(StatusField("VmLck:"), 0); }

int main(void) {
  CHECK_FAILS(mlockall(0), EINVAL);
  CHECK_FAILS(mlockall(64), EINVAL);
  MUST(mlockall(MCL_FUTURE));
  char* area = Island(8, kReadWrite);
  CHECK_EQ(Resident(area, 8), 8);
  CHECK(StatusField("VmLck:") >= 32);
  Ok("future mappings are filled and counted");
  CHECK_EQ(RunChild(Child), 0);
  Ok("not inherited");
  MUST(munlockall());
  CHECK_EQ(StatusField("VmLck:"), 0);
  char* after = Island(8, kReadWrite);
  CHECK_EQ(Resident(after, 8), 0);
  Ok("munlockall ends it");
}
