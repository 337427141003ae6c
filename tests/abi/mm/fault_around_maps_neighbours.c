// A read fault maps the cached pages of a file around it, though the page it
// asked for be beyond the file's end. Not so with SysV shared memory.
// Covers: guest_mm/fault/file_page.cc
#include <sys/ipc.h>
#include <sys/shm.h>

#include "tests/abi/memory.h"

static bool Present(const char* page) {
  uint64_t entry = 0;
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  off_t at = (off_t)((uintptr_t)page / kPage * sizeof entry);
  CHECK_EQ(pread(fd, &entry, sizeof entry, at), sizeof entry);
  close(fd);
  return entry >> 63;
}

// The window is 64 KiB from an address so aligned on, or from the mapping's
// start.
static void InTheWindow(char* area) {
  int fd = LetterFile(20);
  char* map = area + 10 * kPage;
  MUST(mmap(map, 20 * kPage, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0));
  CHECK_NO_FAULT(Read(map + kPage));
  for (int i = 0; i < 20; i++) CHECK_EQ(Present(map + i * kPage), i < 16);
  MUST(munmap(map, 20 * kPage));
  MUST(mmap(map, 20 * kPage, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0));
  CHECK_NO_FAULT(Read(map + 8 * kPage));
  for (int i = 0; i < 20; i++) CHECK_EQ(Present(map + i * kPage), i >= 6);
  MUST(munmap(map, 20 * kPage));
  Ok("from where it starts");
}

static void AloneInSharedMemory(void) {
  int id = MUST(shmget(IPC_PRIVATE, 2 * kPage, 0600 | IPC_CREAT));
  char* writer = MUST(shmat(id, NULL, 0));
  memset(writer, 1, 2 * kPage);
  char* reader = MUST(shmat(id, NULL, SHM_RDONLY));
  CHECK_EQ(reader[0], 1);
  CHECK(!Present(reader + kPage));
  MUST(shmctl(id, IPC_RMID, NULL));
  Ok("System V knows no neighbours");
}

int main(void) {
  char* area = Anonymous(48, PROT_NONE);
  area = (char*)(((uintptr_t)area + 0xffff) & ~(uintptr_t)0xffff);
  InTheWindow(area);
  AloneInSharedMemory();
  int fd = LetterFile(2);
  MUST(mmap(area, 4 * kPage, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0));
  CHECK(!Present(area));
  CHECK_FAULT(Read(area + 3 * kPage), SIGBUS, BUS_ADRERR, area + 3 * kPage);
  CHECK(Present(area));
  CHECK(Present(area + kPage));
  CHECK(!Present(area + 3 * kPage));
  Ok("neighbours are mapped");
}
