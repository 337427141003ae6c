// MADV_HWPOISON: the page is lost, its users get SIGBUS with BUS_MCEERR_AR and
// the size of what is lost. Not every kernel can be asked to.
// Covers: guest_mm/calls/memory_error.cc
#include "tests/abi/hwpoison.h"

enum { kPageLsb = 12 };

#define CHECK_LOST(page) CHECK_FAULT(Read(page), SIGBUS, BUS_MCEERR_AR, page)

static char* g_page;
static int g_gate[2];
static void InChild(void) {
  CHECK_LOST(g_page);
  MUST(madvise(g_page, kPage, MADV_DONTNEED));
  CHECK_EQ(*g_page, 0);
}
static void Unhandled(void) {
  signal(SIGBUS, SIG_DFL);
  *(volatile char*)g_page = 1;
}
static void Unprivileged(void) {
  MUST(setuid(1000));
  CHECK_FAILS(madvise(g_page, kPage, kHwPoison), EPERM);
}

int main(void) {
  if (!CanPoison()) return 0;
  HandleErrors();
  char* area = Island(4, kReadWrite);
  memset(area, 7, 4 * kPage);
  char* page = g_page = area + kPage;
  long before = Corrupted();
  CheckPoison(page, kPageLsb);
  CHECK_EQ(Corrupted() - before, 1);
  CHECK_LOST(page);
  CHECK_LOST(page + 5);
  CHECK_FAULT(Write(page), SIGBUS, BUS_MCEERR_AR, page);
  CHECK_EQ(*area, 7);
  Ok("the page is lost, its neighbours are not");

  CHECK_EQ(Resident(area, 4), 4);
  CHECK_FAILS(madvise(page, kPage, kHwPoison), EFAULT);
  int zero = MUST(open("/dev/zero", O_RDONLY));
  CHECK_FAILS(read(zero, page, 1), EFAULT);
  CHECK_FAILS(madvise(area, 4 * kPage, MADV_POPULATE_READ), EHWPOISON);
  CHECK_FAILS(mlock(area, 2 * kPage), ENOMEM);
  MUST(munlock(area, 2 * kPage));
  Ok("to calls it is an error");

  CHECK_EQ(RunChild(InChild), 0);
  CHECK_LOST(page);
  int status = RunChild(Unhandled);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
  MUST(mprotect(page, kPage, PROT_READ));
  MUST(mprotect(page, kPage, kReadWrite));
  CHECK_LOST(page);
  MUST(madvise(page, kPage, MADV_FREE));
  CHECK_EQ(*page, 0);
  CHECK_NO_FAULT(Write(page));
  CHECK_EQ(Corrupted() - before, 1);
  Ok("until it is given up; the memory stays out of use");

  MUST(pipe(g_gate));
  g_page = area + 2 * kPage;
  fflush(stdout);
  pid_t child = MUST(fork());
  if (child == 0) {
    char byte;
    CHECK_EQ(read(g_gate[0], &byte, 1), 1);
    CHECK_LOST(g_page);
    _exit(0);
  }
  CheckPoison(g_page, kPageLsb);
  CHECK_EQ(write(g_gate[1], "x", 1), 1);
  CHECK_EQ(MUST(waitpid(child, &status, 0)), child);
  CHECK_EQ(status, 0);
  Ok("whoever maps it has lost it");

  int file = LetterFile(4);
  char* shared = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, file, 0));
  CHECK_EQ(*shared, 'A');
  *shared = 'a';
  CheckPoison(shared, kPageLsb);
  CHECK_LOST(shared);
  CHECK_EQ(shared[kPage], 'B');
  char bytes[16];
  CHECK_FAILS(pread(file, bytes, 4, 0), EIO);
  CHECK_FAILS(pwrite(file, bytes, 4, 0), EIO);
  char* other = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, file, 0));
  CHECK_LOST(other);
  MUST(fallocate(file, 3, 0, kPage));  // a hole
  CHECK_EQ(*other, 0);
  CHECK_LOST(shared);
  Ok("a memory file");

  char* untouched = Island(1, kReadWrite);
  char* none = Island(1, PROT_NONE);
  CHECK_FAILS(madvise(none, kPage, kHwPoison), EFAULT);
  CHECK_FAILS(madvise(none - kPage, kPage, kHwPoison), EFAULT);
  CHECK_FAILS(madvise(area + 1, kPage, kHwPoison), EINVAL);
  MUST(madvise(area, 0, kHwPoison));
  CHECK_EQ(RunChild(Unprivileged), 0);
  CHECK_EQ(*untouched, 0);
  Ok("errors");
}
