// /proc/self/pagemap: bit 63 says present, bit 61 file or shared, bit 56 mapped
// once; the frame number is the same for two mappings of a shared page.
// Covers: plugin/linux/fs/proc/pid_mem.cc
#include "tests/abi/memory.h"

static uint64_t Entry(void* address) {
  static int pagemap = -1;
  if (pagemap < 0) pagemap = MUST(open("/proc/self/pagemap", O_RDONLY));
  uint64_t entry = 0;
  CHECK_EQ(pread(pagemap, &entry, 8, (off_t)((uintptr_t)address / kPage * 8)),
           8);
  return entry & ~(1ull << 55);  // soft-dirty is not what we look at
}

static const uint64_t kFrame = (1ull << 55) - 1;

int main(void) {
  char* area = Island(2, kReadWrite);
  area[0] = 'x';
  CHECK_EQ(Entry(area) >> 63, 1);
  CHECK_EQ(Entry(area) >> 61 & 1, 0);
  CHECK_EQ(Entry(area) >> 56 & 1, 1);
  CHECK((Entry(area) & kFrame) != 0);
  CHECK_EQ(Entry(area + kPage), 0);
  CHECK_EQ(Entry(area + 2 * kPage), 0);
  Ok("present, absent, unmapped");

  int file = LetterFile(1);
  char* one = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, file, 0));
  char* two = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, file, 0));
  CHECK_EQ(one[0], two[0]);
  CHECK_EQ(Entry(one) & kFrame, Entry(two) & kFrame);
  CHECK_EQ(Entry(one) >> 61 & 1, 1);
  CHECK_EQ(Entry(one) >> 56 & 1, 0);
  Ok("one frame, two mappings, of a file");
}
