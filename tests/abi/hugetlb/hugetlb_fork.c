// fork of private huge pages: what was reserved stays the parent's. A parent
// that must copy and finds no page takes it from the child, which gets SIGBUS
// where its data would be.
// Covers: guest_mm/hugetlb/hugetlb_wp.cc guest_mm/hugetlb/hugetlb_range.cc

#include <poll.h>

#include "tests/abi/hugetlb.h"

static void Wait(int fd) {
  char c;
  CHECK_EQ(read(fd, &c, 1), 1);
}
static void Tell(int fd) { CHECK_EQ(write(fd, "", 1), 1); }

static void CopiedWhereThereIsRoom(void) {
  char* p = MapHuge(1, kHugeFlags);
  p[0] = 'p';
  CHECK_POOL(1, 0);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK_EQ(p[0], 'p');
    p[0] = 'c';
    CHECK_POOL(0, 0);
    CHECK_EQ(p[0], 'c');
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  CHECK_EQ(p[0], 'p');
  CHECK_POOL(1, 0);
  MUST(munmap(p, Huge()));
  CHECK_POOL(2, 0);
  Ok("copied where there is room");
}

static void TakenFromTheChild(void) {
  const size_t huge = Huge();
  char* p = MapHuge(2, kHugeFlags);
  p[0] = 'p';
  p[huge] = 'q';
  CHECK_POOL(0, 0);
  int go[2], done[2];
  MUST(pipe(go));
  MUST(pipe(done));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK_EQ(p[0], 'p');
    CHECK_EQ(p[huge], 'q');
    // There is no page for a copy of its own.
    CHECK_FAULT(Write(p), SIGBUS, BUS_ADRERR, p);
    CHECK_EQ(p[0], 'p');
    Tell(done[1]);
    Wait(go[0]);
    CHECK_FAULT(Read(p), SIGBUS, BUS_ADRERR, p);
    CHECK_EQ(p[huge], 'q');
    _exit(0);
  }
  Wait(done[0]);
  CHECK_NO_FAULT(Write(p));
  CHECK_EQ(p[0], 'w');
  Tell(go[1]);
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  CHECK_EQ(p[huge], 'q');
  MUST(munmap(p, 2 * huge));
  CHECK_POOL(2, 0);
  Ok("taken from the child");
}

static void ReservedForTheParentOnly(void) {
  const size_t huge = Huge();
  char* p = MapHuge(2, kHugeFlags);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK_POOL(2, 2);
    CHECK_FAULT(Read(p), SIGBUS, BUS_ADRERR, p);
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  CHECK_POOL(2, 2);
  p[0] = p[huge] = 'x';
  MUST(munmap(p, 2 * huge));
  CHECK_POOL(2, 0);
  Ok("reserved for the parent only");
}

static void SharedStaysShared(void) {
  char* p = MapHuge(2, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB);
  p[0] = 'p';
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK_EQ(p[0], 'p');
    p[1] = 'c';
    p[Huge()] = 'd';  // what is reserved is the file's
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  CHECK_EQ(p[1], 'c');
  CHECK_EQ(p[Huge()], 'd');
  CHECK_POOL(0, 0);
  MUST(munmap(p, 2 * Huge()));
  CHECK_POOL(2, 0);
  Ok("shared stays shared");
}

static void Body(void) {
  CopiedWhereThereIsRoom();
  TakenFromTheChild();
  ReservedForTheParentOnly();
  SharedStaysShared();
}

int main(void) { return WithPool(2, Body); }
