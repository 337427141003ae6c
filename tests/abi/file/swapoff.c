// swapoff() brings everything back into memory; until swapon() there is no swap
// then.
// Covers: guest_mm/calls/swapoff.cc plugin/linux/memory/swap_calls.cc
// Options: --swap 16M

#include <sys/swap.h>

#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

enum { kPages = 256 };

static int AllPresent(char* area) {
  int in_swap = 0;
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  for (int i = 0; i < kPages; i++) {
    uint64_t entry;
    CHECK_EQ(pread(fd, &entry, 8, ((uintptr_t)area / kPage + i) * 8), 8);
    in_swap += entry >> 62 & 1;
  }
  close(fd);
  return in_swap == 0;
}

int main(void) {
  // The areas of a machine that others use are not ours to switch off.
  if (!IsFaultline()) {
    Ok("nothing: not our machine");
    return 0;
  }
  const long total = Meminfo("SwapTotal:");
  CHECK(total > 0);
  char* area = Island(kPages, kReadWrite);
  for (int i = 0; i < kPages; i++) area[i * kPage] = (char)(i | 1);
  int file = MUST(memfd_create("m", 0));
  MUST(ftruncate(file, kPages * kPage));
  char* shared =
      (char*)MUST(mmap(NULL, kPages * kPage, kReadWrite, MAP_SHARED, file, 0));
  for (int i = 0; i < kPages; i++) shared[i * kPage] = (char)(i | 2);
  MUST(madvise(area, kPages * kPage, MADV_PAGEOUT));
  MUST(madvise(shared, kPages * kPage, MADV_PAGEOUT));
  CHECK(!AllPresent(area));
  const long free = Meminfo("SwapFree:");
  CHECK(free <= total - 2 * kPages * kPage / 1024);
  // A child has the same pages in swap.
  int gate[2];
  MUST(pipe(gate));
  fflush(stdout);
  pid_t child = MUST(fork());
  if (child == 0) {
    char byte;
    CHECK_EQ(read(gate[0], &byte, 1), 1);
    for (int i = 0; i < kPages; i++) CHECK_EQ(area[i * kPage], (char)(i | 1));
    _exit(0);
  }
  CHECK_FAILS(swapon("/dev/ram0", 0), EBUSY);
  MUST(swapoff("/dev/ram0"));
  CHECK_EQ(Meminfo("SwapTotal:"), 0);
  CHECK_EQ(Meminfo("SwapFree:"), 0);
  CHECK_EQ(Meminfo("SwapCached:"), 0);
  CHECK_EQ(StatusField("VmSwap:"), 0);
  CHECK(AllPresent(area));
  for (int i = 0; i < kPages; i++) {
    CHECK_EQ(area[i * kPage], (char)(i | 1));
    CHECK_EQ(shared[i * kPage], (char)(i | 2));
  }
  CHECK_EQ(write(gate[1], "x", 1), 1);
  int status;
  CHECK_EQ(MUST(waitpid(child, &status, 0)), child);
  CHECK_EQ(status, 0);
  Ok("everything is back");

  CHECK_FAILS(swapoff("/dev/ram0"), EINVAL);
  MUST(madvise(area, kPages * kPage, MADV_PAGEOUT));
  CHECK(AllPresent(area));
  Ok("nothing goes there any more");

  MUST(swapon("/dev/ram0", 0));
  CHECK_EQ(Meminfo("SwapTotal:"), total);
  CHECK_EQ(Meminfo("SwapFree:"), total);
  MUST(madvise(area, kPages * kPage, MADV_PAGEOUT));
  CHECK(!AllPresent(area));
  CHECK_EQ(area[0], 1);
  Ok("until it is on again");
}
