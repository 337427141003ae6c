// MADV_SOFT_OFFLINE: the memory behind a page is used no more, and the page
// does not notice: its contents are elsewhere.
// Covers: guest_mm/calls/soft_offline.cc guest_mm/calls/injected_pages.cc
// Covers: guest_mm/rmap/migrate_page.cc

#include "tests/abi/hwpoison.h"
#include "tests/abi/proc.h"

static void Moves(char* page, char content) {
  const uint64_t old = FrameOf(page);
  const long corrupted = Corrupted(), migrated = Vmstat("pgmigrate_success");
  MUST(madvise(page, kPage, kSoftOffline));
  CHECK_EQ(*page, content);
  CHECK(FrameOf(page) != old);
  CHECK(FlagsOf(old) >> kKpfHwPoison & 1);
  CHECK_EQ(Corrupted() - corrupted, 1);
  CHECK_EQ(Vmstat("pgmigrate_success") - migrated, 1);
}

static char* g_area;

static void Unprivileged(void) {
  MUST(setuid(1000));
  CHECK_FAILS(madvise(g_area, kPage, kSoftOffline), EPERM);
}

static void Body(void) {
  char* area = g_area = Island(16, kReadWrite);
  for (int i = 0; i < 8; i++) memset(area + i * kPage, 'a' + i, kPage);
  Moves(area, 'a');
  CHECK_EQ(area[kPage - 1], 'a');
  area[0] = 'A';
  CHECK_EQ(area[0], 'A');
  Ok("an anonymous page");

  const long before = Corrupted();
  MUST(madvise(area + kPage, 3 * kPage, kSoftOffline));
  CHECK_EQ(Corrupted() - before, 3);
  for (int i = 1; i < 4; i++) CHECK_EQ(area[i * kPage], 'a' + i);
  MUST(mlock(area + 4 * kPage, kPage));
  Moves(area + 4 * kPage, 'e');
  CHECK_EQ(Resident(area + 4 * kPage, 1), 1);
  Ok("several, and a locked one");

  // Both map the new page.
  int gate[2];
  MUST(pipe(gate));
  pid_t child = MUST(fork());
  if (child == 0) {
    char byte;
    CHECK_EQ(read(gate[0], &byte, 1), 1);
    CHECK_EQ(area[5 * kPage], 'f');
    area[5 * kPage] = 'F';
    CHECK_EQ(area[5 * kPage], 'F');
    _exit(0);
  }
  Moves(area + 5 * kPage, 'f');
  CHECK_EQ(write(gate[1], "x", 1), 1);
  int status;
  CHECK_EQ(MUST(waitpid(child, &status, 0)), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(area[5 * kPage], 'f');
  Ok("a page shared by fork");

  int file = LetterFile(4);
  char* shared =
      (char*)MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, file, 0));
  char* other =
      (char*)MUST(mmap(NULL, 4 * kPage, PROT_READ, MAP_SHARED, file, 0));
  CHECK_EQ(other[0], 'A');
  shared[0] = 'x';
  Moves(shared, 'x');
  CHECK_EQ(other[0], 'x');
  shared[1] = 'y';
  CHECK_EQ(other[1], 'y');
  char bytes[2];
  CHECK_EQ(pread(file, bytes, 2, 0), 2);
  CHECK(bytes[0] == 'x' && bytes[1] == 'y');
  Ok("a page of a memory file");

  CHECK_EQ(area[12 * kPage], 0);
  CHECK_FAILS(madvise(area + 12 * kPage, kPage, kSoftOffline), EIO);
  CHECK_FAILS(madvise(area + 1, kPage, kSoftOffline), EINVAL);
  MUST(madvise(area, 0, kSoftOffline));
  char* gone = Island(1, kReadWrite);
  MUST(munmap(gone, kPage));
  CHECK_FAILS(madvise(gone, kPage, kSoftOffline), EFAULT);
  MUST(mprotect(area + 6 * kPage, kPage, PROT_NONE));
  CHECK_FAILS(madvise(area + 6 * kPage, kPage, kSoftOffline), EFAULT);
  CHECK_EQ(RunChild(Unprivileged), 0);
  Ok("errors");

  int knob = MUST(open("/proc/sys/vm/enable_soft_offline", O_RDWR));
  CHECK_EQ(write(knob, "0", 1), 1);
  errno = 0;
  int refused = madvise(area, kPage, kSoftOffline);
  int error = errno;
  CHECK_EQ(pwrite(knob, "1", 1, 0), 1);
  CHECK_EQ(refused, -1);
  CHECK_EQ(error, EOPNOTSUPP);
  Ok("switched off");
}

int main(void) {
  if (CanPoison()) Body();
}
