// O_DIRECT on a disk's file moves whole blocks between disk and memory: they
// agree with what read(), write() and mmap() see, and a transfer that cannot
// have one of its pages fails as a whole.
// Covers: plugin/linux/fs/direct_io.cc
// Options: --disk 16M
#include <sys/uio.h>
#include <sys/vfs.h>

#include "tests/abi/memory.h"

static char g_name[64];
static int g_direct, g_buffered;

static void OpenFiles(void) {
  struct statfs fs;
  const char* dir = statfs("/disk", &fs) == 0 ? "/disk" : "/tmp";
  MUST(statfs(dir, &fs));
  if (fs.f_type != 0xef53) {
    printf("skipped: %s is no ext2, 3 or 4\n", dir);
    fflush(stdout);
    _exit(0);
  }
  snprintf(g_name, sizeof g_name, "%s/direct_io.%d", dir, (int)getpid());
  g_direct = MUST(open(g_name, O_RDWR | O_CREAT | O_TRUNC | O_DIRECT, 0600));
  g_buffered = MUST(open(g_name, O_RDWR));
  MUST(unlink(g_name));
}

static char* Filled(size_t pages, char with) {
  char* area = Island(pages, kReadWrite);
  memset(area, with, pages * kPage);
  return area;
}

static bool All(const char* bytes, size_t n, char c) {
  for (size_t i = 0; i < n; i++) {
    if (bytes[i] != c) return false;
  }
  return true;
}

static void WholeBlocks(void) {
  char* m = Filled(4, 'a');
  CHECK_EQ(pwrite(g_direct, m, 2 * kPage, 0), 2 * kPage);
  CHECK_EQ(pwrite(g_direct, m, 512, 2 * kPage), 512);
  CHECK_EQ(lseek(g_direct, 0, SEEK_END), 2 * kPage + 512);
  CHECK_FAILS(pwrite(g_direct, m, 100, 0), EINVAL);
  CHECK_FAILS(pwrite(g_direct, m, kPage, 100), EINVAL);
  CHECK_FAILS(pread(g_direct, m, 100, 0), EINVAL);
  CHECK_FAILS(pread(g_direct, m, kPage, 100), EINVAL);
  Ok("offset and length are multiples of the block");
  CHECK_EQ(pwrite(g_direct, m, 0, 1), 0);
  CHECK_EQ(pread(g_direct, m, 100, 3 * kPage), 0);
  Ok("unless there is nothing to move");
  struct iovec two[] = {{m, 512}, {m + kPage + 512, 1024}};
  CHECK_EQ(preadv(g_direct, two, 2, 512), 1536);
  Ok("buffers lie anywhere");
}

static void EndOfFile(void) {
  char* m = Filled(3, 'z');
  MUST(ftruncate(g_direct, kPage + 100));
  CHECK_EQ(pread(g_direct, m, 3 * kPage, 0), kPage + 100);
  CHECK(m[kPage + 99] == 'a' && All(m + kPage + 100, 2 * kPage - 100, 0));
  Ok("behind the end there are zeros, which are not counted");
}

static void Coherent(void) {
  char* m = Filled(2, 'd');
  char byte;
  MUST(ftruncate(g_direct, 2 * kPage));
  CHECK_EQ(pwrite(g_buffered, "buffered", 8, 0), 8);
  CHECK_EQ(pread(g_direct, m, kPage, 0), kPage);
  CHECK(memcmp(m, "buffered", 8) == 0);
  char* map =
      (char*)MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_SHARED, g_buffered, 0));
  map[1] = 'M';
  CHECK_EQ(pread(g_direct, m, kPage, 0), kPage);
  CHECK_EQ(m[1], 'M');
  Ok("it reads what was written through the cache");
  memset(m, 'D', 2 * kPage);
  CHECK_EQ(pwrite(g_direct, m, 2 * kPage, 0), 2 * kPage);
  CHECK(All(map, 2 * kPage, 'D'));
  CHECK_EQ(pread(g_buffered, &byte, 1, kPage), 1);
  CHECK_EQ(byte, 'D');
  Ok("what it writes is seen through the cache");
}

static void WantsItsPages(void) {
  char* m = Filled(4, 'w');
  MUST(mprotect(m + 2 * kPage, kPage, PROT_NONE));
  CHECK_FAILS(pwrite(g_direct, m, 4 * kPage, 0), EFAULT);
  CHECK_FAILS(pread(g_direct, m, 4 * kPage, 0), EFAULT);
  CHECK_FAILS(pread(g_direct, m + 2 * kPage, kPage, 0), EFAULT);
  char* volatile nowhere = NULL;  // so that no compiler objects
  CHECK_FAILS(pread(g_direct, nowhere, kPage, 0), EFAULT);
  struct iovec two[] = {{m, kPage}, {m + 2 * kPage, kPage}};
  CHECK_FAILS(preadv(g_direct, two, 2, 0), EFAULT);
  Ok("one bad page fails the transfer");
  MUST(mprotect(m + 2 * kPage, kPage, PROT_READ));
  CHECK_EQ(pwrite(g_direct, m + 2 * kPage, kPage, 0), kPage);
  CHECK_FAILS(pread(g_direct, m + 2 * kPage, kPage, 0), EFAULT);
  MUST(mprotect(m + 2 * kPage, kPage, PROT_WRITE));
  CHECK_EQ(pread(g_direct, m + 2 * kPage, kPage, 0), kPage);
  CHECK_EQ(pwrite(g_direct, m + 2 * kPage, kPage, 0), kPage);
  CHECK_FAILS(pwrite(g_direct, Island(1, PROT_WRITE), kPage, 0), EFAULT);
  Ok("a page that is there is taken as it is, else the mapping is asked");
  char* zeros = Island(1, kReadWrite);
  CHECK_EQ(pwrite(g_direct, zeros, kPage, 0), kPage);
  CHECK_EQ(pread(g_direct, m, kPage, 0), kPage);
  CHECK(All(m, kPage, 0));
  Ok("memory never touched is written as zeros");
}

static void WhatForkShares(void) {
  char* m = Filled(1, 'D');
  CHECK_EQ(pwrite(g_direct, m, kPage, kPage), kPage);
  memset(m, 'p', kPage);
  int go[2];
  MUST(pipe(go));
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    char c;
    CHECK_EQ(read(go[0], &c, 1), 1);
    CHECK_EQ(m[0], 'p');
    _exit(0);
  }
  CHECK_EQ(pread(g_direct, m, kPage, kPage), kPage);
  CHECK_EQ(m[0], 'D');
  CHECK_EQ(write(go[1], "", 1), 1);
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  Ok("reading into a page that a child shares copies it first");
}

int main(void) {
  OpenFiles();
  WholeBlocks();
  EndOfFile();
  Coherent();
  WantsItsPages();
  WhatForkShares();
  return 0;
}
