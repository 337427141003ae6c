// 16 GiB may be mapped and touched in a few places only.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  const size_t kBytes = 16ul << 30;
  long before = StatusField("VmRSS:");
  char* area = MUST(mmap(NULL, kBytes, kReadWrite,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  MUST(madvise(area, kBytes, MADV_NOHUGEPAGE));
  for (size_t i = 0; i < kBytes; i += 1ul << 30) area[i] = (char)(i >> 30);
  area[kBytes - 1] = 'z';
  for (size_t i = 0; i < kBytes; i += 1ul << 30) CHECK_EQ(area[i], i >> 30);
  CHECK_EQ(area[kBytes - 1], 'z');
  Ok("far apart pages keep their bytes");
  CHECK(StatusField("VmRSS:") - before < 1024);
  Ok("and nothing else is resident");
  MUST(munmap(area, kBytes));
}
