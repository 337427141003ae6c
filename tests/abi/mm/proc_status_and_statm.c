// VmSize, VmRSS, VmData and RssShmem move with what the process does, and
// statm says the same in pages.
// Covers: plugin/linux/fs/proc/pid_status.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static void ReadStatm(long fields[7]) {
  FILE* statm = fopen("/proc/self/statm", "r");
  CHECK(statm != NULL);
  for (int i = 0; i < 7; i++) CHECK_EQ(fscanf(statm, "%ld", &fields[i]), 1);
  fclose(statm);
}

int main(void) {
  enum { kPages = 512 };
  long size = StatusField("VmSize:"), data = StatusField("VmData:");
  char* area = Anonymous(kPages, kReadWrite);
  CHECK_EQ(StatusField("VmSize:") - size, 4 * kPages);
  CHECK_EQ(StatusField("VmData:") - data, 4 * kPages);
  Ok("VmSize and VmData grow by the mapping");

  long before[7], after[7];
  ReadStatm(before);
  CHECK_EQ(before[0] * 4, StatusField("VmSize:"));
  memset(area, 'x', kPages * kPage);
  ReadStatm(after);
  // Linux batches these counters by some tens of pages a thread.
  long grown = after[1] - before[1];
  CHECK(grown > kPages - 128 && grown < kPages + 128);
  CHECK_EQ(after[0], before[0]);
  Ok("resident pages grow as they are touched");

  long shmem = StatusField("RssShmem:");
  char* shared = MUST(mmap(NULL, kPages * kPage, kReadWrite,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  memset(shared, 'x', kPages * kPage);
  shmem = StatusField("RssShmem:") - shmem;
  CHECK(shmem > 4 * (kPages - 128) && shmem < 4 * (kPages + 128));
  Ok("shared memory is RssShmem");

  MUST(munmap(area, kPages * kPage));
  MUST(munmap(shared, kPages * kPage));
  ReadStatm(after);
  CHECK_EQ(after[0], before[0] - kPages);
  CHECK(StatusField("VmHWM:") >= StatusField("VmRSS:"));
  CHECK(StatusField("VmPeak:") >= 4 * (after[0] + kPages));
  Ok("and all of it goes again; the peaks stay");
}
