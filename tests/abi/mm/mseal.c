// mseal: memory that stays as it is mapped, for good.
// Covers: guest_mm/calls/mseal.cc
#include <sys/shm.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static long Seal(void* start, size_t length) {
  return syscall(462, start, length, 0ul);
}

static bool Sealed(const void* start) {
  FILE* smaps = fopen("/proc/self/smaps", "r");
  CHECK(smaps != NULL);
  char text[512];
  bool here = false, sealed = false;
  while (fgets(text, sizeof text, smaps)) {
    void *begin, *end;
    if (sscanf(text, "%p-%p ", &begin, &end) == 2) {
      here = begin == start;
    } else if (here && strncmp(text, "VmFlags:", 8) == 0) {
      sealed = strstr(text, " sl ") != NULL;
    }
  }
  fclose(smaps);
  return sealed;
}

static char* g_sealed;

static void InChild(void) {
  CHECK_FAILS(munmap(g_sealed, kPage), EPERM);
  CHECK_EQ(*g_sealed, 'x');
}

int main(void) {
  char* area = Island(4, kReadWrite);
  memset(area, 'x', 4 * kPage);
  CHECK_FAILS(syscall(462, area, kPage, 1ul), EINVAL);
  CHECK_FAILS(Seal(area + 1, kPage), EINVAL);
  CHECK_FAILS(Seal(area, -(size_t)kPage), EINVAL);
  CHECK_FAILS(Seal(area, 5 * kPage), ENOMEM);
  CHECK_FAILS(Seal(area - kPage, 2 * kPage), ENOMEM);
  CHECK(!Sealed(area));
  CHECK_EQ(Seal(area, 0), 0);
  CHECK_EQ(Seal(NULL, 0), 0);
  Ok("arguments");

  char* sealed = g_sealed = area + kPage;
  CHECK_EQ(Seal(sealed, 1), 0);
  CHECK_EQ(Seal(sealed, kPage), 0);
  CHECK(Sealed(sealed));
  CHECK_EQ(CountMaps(area, 4 * kPage), 3);
  CHECK_FAILS(munmap(sealed, kPage), EPERM);
  CHECK_FAILS(munmap(area, 4 * kPage), EPERM);
  CHECK_FAILS(mprotect(sealed, kPage, kReadWrite), EPERM);
  CHECK_FAILS(mremap(sealed, kPage, kPage, MREMAP_MAYMOVE), EPERM);
  CHECK_FAILS(mremap(sealed, kPage, 2 * kPage, MREMAP_MAYMOVE), EPERM);
  CHECK_FAILS(mremap(area, 3 * kPage, kPage, 0), EPERM);
  CHECK_FAILS(
      mremap(sealed, kPage, kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL),
      EPERM);
  CHECK_FAILS(mmap(sealed, kPage, kReadWrite,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
              EPERM);
  char* other = Island(1, kReadWrite);
  CHECK_FAILS(
      mremap(other, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, sealed),
      EPERM);
  CHECK_EQ(*sealed, 'x');
  CHECK_EQ(area[0], 'x');
  CHECK_NO_FAULT(Write(other));
  Ok("it cannot go, nor move, nor change");

  CHECK_FAILS(mprotect(area, 2 * kPage, PROT_READ), EPERM);
  CHECK_FAULT(Write(area), SIGSEGV, SEGV_ACCERR, area);
  CHECK_NO_FAULT(Write(sealed));
  *sealed = 'x';
  CHECK_EQ(RunChild(InChild), 0);
  Ok("what lies before it does, and a child inherits it");

  MUST(mlock(sealed, kPage));
  MUST(munlock(sealed, kPage));
  MUST(madvise(sealed, kPage, MADV_HUGEPAGE));
  MUST(madvise(sealed, kPage, MADV_DONTNEED));
  CHECK_EQ(*sealed, 0);
  Ok("what could be overwritten may be thrown away");

  char* read_only = Island(1, PROT_READ);
  CHECK_EQ(Seal(read_only, kPage), 0);
  const int refused[] = {MADV_DONTNEED, MADV_FREE, MADV_DONTFORK,
                         MADV_WIPEONFORK, 24 /* DONTNEED_LOCKED */};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    CHECK_FAILS(madvise(read_only, kPage, refused[i]), EPERM);
  MUST(madvise(read_only, kPage, MADV_COLD));
  MUST(madvise(read_only, kPage, MADV_POPULATE_READ));
  char* none = Island(1, PROT_NONE);
  CHECK_EQ(Seal(none, kPage), 0);
  CHECK_FAILS(madvise(none, kPage, MADV_DONTNEED), EPERM);
  Ok("what could not, may not");

  int file = LetterFile(1);
  char* mapped = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, file, 0));
  CHECK_EQ(Seal(mapped, kPage), 0);
  MUST(madvise(mapped, kPage, MADV_DONTNEED));
  MUST(ftruncate(file, 0));
  CHECK_FAULT(Read(mapped), SIGBUS, BUS_ADRERR, mapped);
  Ok("a file stays its own");

  char* end = (char*)(((uintptr_t)sbrk(0) + kPage - 1) & -(uintptr_t)kPage);
  MUST(brk(end + kPage));
  CHECK_EQ(Seal(end, kPage), 0);
  CHECK_EQ(syscall(SYS_brk, end), end + kPage);
  CHECK_EQ(syscall(SYS_brk, end + 2 * kPage), end + 2 * kPage);
  CHECK_EQ(syscall(SYS_brk, end + kPage), end + kPage);
  Ok("the break");

  int id = MUST(shmget(IPC_PRIVATE, 3 * kPage, 0600));
  char* segment = MUST(shmat(id, NULL, 0));
  MUST(shmctl(id, IPC_RMID, NULL));
  CHECK_EQ(Seal(segment, kPage), 0);
  MUST(shmdt(segment));
  CHECK_NO_FAULT(Read(segment));
  CHECK_FAULT(Read(segment + kPage), SIGSEGV, SEGV_MAPERR, segment + kPage);
  Ok("an attached segment, of which the rest goes");
}
