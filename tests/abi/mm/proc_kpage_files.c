// /proc/kpagecount, kpageflags and kpagecgroup: a word for each page frame.
// Covers: plugin/linux/fs/proc/kpage.cc guest_mm/mm/proc_kpage.cc
#include "tests/abi/memory.h"

enum {
  kUptodate = 1 << 3,
  kBuddy = 1 << 10,
  kMmap = 1 << 11,
  kAnon = 1 << 12,
  kSwapBacked = 1 << 14,
  kHuge = 1 << 17,
  kZeroPage = 1 << 24,
};

static uint64_t Word(const char* path, uint64_t index) {
  int fd = MUST(open(path, O_RDONLY));
  uint64_t word = 0;
  CHECK_EQ(pread(fd, &word, sizeof word, (off_t)(index * 8)), 8);
  close(fd);
  return word;
}
static uint64_t Pfn(const void* address) {
  uint64_t word = Word("/proc/self/pagemap", (uintptr_t)address / kPage);
  CHECK(word >> 63 == 1);
  return word & ((1ul << 55) - 1);
}
static uint64_t Flags(const void* address) {
  return Word("/proc/kpageflags", Pfn(address));
}
static uint64_t Count(const void* address) {
  return Word("/proc/kpagecount", Pfn(address));
}

static char* g_page;
static void InChild(void) { CHECK_EQ(Count(g_page), 2); }

int main(void) {
  char* anonymous = g_page = Island(1, kReadWrite);
  *anonymous = 1;
  CHECK_EQ(Count(anonymous), 1);
  CHECK_EQ(Flags(anonymous) & (kMmap | kAnon | kSwapBacked | kBuddy | kHuge),
           kMmap | kAnon | kSwapBacked);
  CHECK_EQ(RunChild(InChild), 0);
  Ok("an anonymous page");

  char* file = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, LetterFile(1), 0));
  CHECK_EQ(*file, 'A');
  CHECK_EQ(Count(file), 1);
  CHECK_EQ(Flags(file) & (kMmap | kAnon | kSwapBacked | kUptodate | kBuddy),
           kMmap | kSwapBacked | kUptodate);
  Ok("a page of shared memory");

  char* zero = Island(1, PROT_READ);
  CHECK_EQ(*zero, 0);
  CHECK_EQ(Flags(zero) & (kZeroPage | kAnon), kZeroPage);
  CHECK_EQ(Count(zero), 0);
  Ok("the page of zeros");

  const char* names[] = {"/proc/kpagecount", "/proc/kpageflags",
                         "/proc/kpagecgroup"};
  for (int i = 0; i < 3; i++) {
    struct stat status;
    MUST(stat(names[i], &status));
    CHECK_EQ(status.st_mode, S_IFREG | 0400);
    int fd = MUST(open(names[i], O_RDONLY));
    uint64_t words[2];
    CHECK_EQ(read(fd, words, sizeof words), 16);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 16);
    CHECK_FAILS(read(fd, words, 4), EINVAL);
    CHECK_FAILS(pread(fd, words, 8, 4), EINVAL);
    CHECK_EQ(pread(fd, words, 8, 1l << 50), 0);
    CHECK_FAILS(write(fd, words, 8), EBADF);
    close(fd);
  }
  Ok("how they are read");
}
