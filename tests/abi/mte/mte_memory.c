// Where memory has tags, and what becomes of them.
// Options: --swap 16M

#include <linux/magic.h>
#include <sys/vfs.h>

#include "tests/abi/mte.h"

#ifdef __aarch64__

// Whether smaps says so of the mapping that begins at `start`.
static bool IsMt(const void* start) {
  FILE* smaps = fopen("/proc/self/smaps", "r");
  CHECK(smaps != NULL);
  char text[512];
  bool here = false, found = false;
  while (fgets(text, sizeof text, smaps)) {
    unsigned long begin, end;
    if (sscanf(text, "%lx-%lx ", &begin, &end) == 2) {
      here = begin == Bits(start);
    } else if (here && strncmp(text, "VmFlags:", 8) == 0) {
      found = strstr(text, " mt ") != NULL;
    }
  }
  fclose(smaps);
  return found;
}

static void Test(void) {
  char* page = Tagged(4);
  CHECK_EQ(Ldg(page), 0);
  CHECK(IsMt(page));
  Tag(page, 16, 1);
  Tag(page + 16, 16, 2);
  Tag(page + kPage - 16, 16, 15);
  CHECK_EQ(Ldg(page + 7), 1);
  CHECK_EQ(Ldg(page + 16), 2);
  CHECK_EQ(Ldg(page + 32), 0);
  CHECK_EQ(Ldg(page + kPage - 1), 15);
  Ok("each granule has its own");

  pid_t child = MUST(fork());
  if (child == 0) {
    if (Ldg(page) != 1) _exit(1);
    page[100] = 'x';  // its own copy
    if (Ldg(page) != 1 || Ldg(page + kPage - 1) != 15) _exit(2);
    Tag(page, 16, 9);
    _exit(Ldg(page) == 9 ? 0 : 3);
  }
  CHECK_EQ(Ended(child), 0);
  CHECK_EQ(Ldg(page), 1);
  page[200] = 'y';
  CHECK_EQ(Ldg(page + 16), 2);
  Ok("copied on write with the page");

  char* moved = MUST(mremap(page, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED,
                            page + 2 * kPage));
  CHECK_EQ(Ldg(moved), 1);
  CHECK_EQ(moved[200], 'y');
  Ok("moved with it");

  MUST(madvise(moved, kPage, MADV_PAGEOUT));
  CHECK_EQ(Ldg(moved + 16), 2);
  CHECK_EQ(Ldg(moved + kPage - 1), 15);
  MUST(madvise(moved, kPage, MADV_DONTNEED));
  CHECK_EQ(Ldg(moved), 0);
  Ok("swapped with it, and gone with it");

  char* plain = MUST(
      mmap(NULL, 2 * kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  plain[0] = 'p';
  Tag(plain, 16, 3);  // is lost
  CHECK_EQ(Ldg(plain), 0);
  MUST(mprotect(plain, kPage, kReadWrite | kProtMte));
  CHECK_EQ(Ldg(plain), 0);
  CHECK_EQ(plain[0], 'p');
  Tag(plain, 16, 3);
  CHECK_EQ(Ldg(plain), 3);
  MUST(mprotect(plain, kPage, PROT_READ));
  CHECK(IsMt(plain));
  CHECK_EQ(Ldg(plain), 3);
  CHECK(!IsMt(plain + kPage));
  Ok("PROT_MTE can be given later, and is kept");

  int memfd = MUST(memfd_create("tags", 0));
  MUST(ftruncate(memfd, kPage));
  char* shared =
      MUST(mmap(NULL, kPage, kReadWrite | kProtMte, MAP_SHARED, memfd, 0));
  char* again =
      MUST(mmap(NULL, kPage, kReadWrite | kProtMte, MAP_SHARED, memfd, 0));
  Tag(shared, 16, 6);
  CHECK_EQ(Ldg(again), 6);
  char* private =
      MUST(mmap(NULL, kPage, kReadWrite | kProtMte, MAP_PRIVATE, memfd, 0));
  CHECK_EQ(Ldg(private), 6);
  private[1000] = 'q';
  CHECK_EQ(Ldg(private), 6);
  Tag(private, 16, 7);
  CHECK_EQ(Ldg(shared), 6);
  Ok("shared memory");

  char* heap = MUST(sbrk(kPage));
  heap = (char*)(((uintptr_t)heap + kPage - 1) & ~(kPage - 1ul));
  MUST(sbrk(kPage));
  MUST(mprotect(heap, kPage, kReadWrite | kProtMte));
  Tag(heap, 16, 8);
  CHECK_EQ(Ldg(heap), 8);
  Ok("the heap");

  int exe = MUST(open("/proc/self/exe", O_RDONLY));
  struct statfs fs;
  MUST(fstatfs(exe, &fs));
  if (fs.f_type == TMPFS_MAGIC) return;  // that is shared memory
  CHECK_FAILS(mmap(NULL, kPage, PROT_READ | kProtMte, MAP_PRIVATE, exe, 0),
              EINVAL);
  char* file = MUST(mmap(NULL, kPage, PROT_READ, MAP_PRIVATE, exe, 0));
  CHECK_FAILS(mprotect(file, kPage, PROT_READ | kProtMte), EINVAL);
  Ok("not of files");
}

#endif
