// Since 6.17 a move to a fixed address, of an unchanged length, takes all the
// mappings of the range along, and is refused before the target is unmapped.
// Covers: guest_mm/calls/mremap.cc
// Options: --kernel 6.18
#include <sys/ipc.h>
#include <sys/shm.h>
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static char* Move(char* from, size_t pages, char* to) {
  return mremap(from, pages * kPage, pages * kPage,
                MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

static bool Older(void) { return !KernelSince(6, 17); }

static char* Place(char* at, size_t pages, int prot) {
  return MUST(mmap(at, pages * kPage, prot,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

static void WithAHole(char* from, char* to) {
  Place(from, 2, kReadWrite);
  Place(from + 3 * kPage, 1, PROT_READ);
  Place(from + 4 * kPage, 2, kReadWrite);
  from[kPage] = 'b';
  from[4 * kPage] = 'e';
  Place(to + 2 * kPage, 1, kReadWrite);  // where the hole comes to be
  CHECK_EQ(Move(from + kPage, 5, to + kPage), to + kPage);
  CHECK_EQ(to[kPage], 'b');
  CHECK_EQ(CountMaps(to + 2 * kPage, kPage), 1);
  CHECK_FAULT(Write(to + 3 * kPage), SIGSEGV, SEGV_ACCERR, to + 3 * kPage);
  CHECK_EQ(to[4 * kPage], 'e');
  CHECK_EQ(CountMaps(from, 6 * kPage), 1);
  MUST(munmap(from, 6 * kPage));
  MUST(munmap(to, 6 * kPage));
  Ok("each keeps its distance");
}

static void RefusedFirst(char* from, char* to) {
  Place(from, 2, kReadWrite);
  Place(to, 4, kReadWrite);
  *to = 't';
  CHECK_FAILS(Move(from - kPage, 3, to), EFAULT);
  CHECK_FAILS(
      mremap(from, 3 * kPage, 4 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, to),
      EFAULT);
  CHECK_EQ(*to, 't');
  CHECK_EQ(Move(from, 3, to), to);  // a hole at the end is none of its
  CHECK_EQ(*to, 0);
  MUST(munmap(to, 4 * kPage));
  Ok("what cannot move leaves the target alone");
}

static void NotShared(char* from, char* to) {
  int id = MUST(shmget(IPC_PRIVATE, 2 * kPage, 0600 | IPC_CREAT));
  MUST(shmat(id, from, SHM_REMAP));
  Place(from + 2 * kPage, 1, kReadWrite);
  CHECK_FAILS(Move(from, 3, to), EFAULT);
  // What is left of it behind the range is no second one.
  CHECK_EQ(mremap(from, kPage, kPage,
                  MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to),
           to);
  CHECK_EQ(Move(from, 2, to), to);
  MUST(shmctl(id, IPC_RMID, NULL));
  Ok("System V memory only alone");
}

int main(void) {
  if (Older()) {
    Ok("skipped: moves of one mapping only");
    return 0;
  }
  char* from = Island(6, PROT_NONE);
  char* to = Island(6, PROT_NONE);
  MUST(munmap(from, 6 * kPage));
  MUST(munmap(to, 6 * kPage));
  WithAHole(from, to);
  RefusedFirst(from, to);
  NotShared(from, to);
  CHECK_FAILS(mremap(from, kPage, -kPage, 0, 0), EINVAL);
  Ok("too long for any address space");
}
