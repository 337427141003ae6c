// A tracer reads and writes the tags of a stopped thread's memory, a byte each,
// and what its accesses are checked for.
// Covers: plugin/linux/ptrace/mte_tags.cc plugin/linux/ptrace/ptrace_arm64.cc

#include "tests/abi/mte.h"

#ifdef __aarch64__

#include "tests/abi/ptrace.h"

#ifndef PTRACE_PEEKMTETAGS
#define PTRACE_PEEKMTETAGS 33
#define PTRACE_POKEMTETAGS 34
#endif
#ifndef NT_ARM_TAGGED_ADDR_CTRL
#define NT_ARM_TAGGED_ADDR_CTRL 0x409
#endif

enum { kPerPage = 4096 / kGranule };

static pid_t child;
static char* area;  // tagged, tagged, not tagged, nothing there
static unsigned char buffer[4 * kPerPage];

// How many tags; -1 and errno.
static long Tags(long request, void* at, void* tags, size_t n) {
  struct iovec vec = {tags, n};
  const long result = ptrace(request, child, at, &vec);
  if (result == 0) return (long)vec.iov_len;
  CHECK_EQ(vec.iov_len, n);  // untouched
  return -1;
}
#define PEEK(at, tags, n) Tags(PTRACE_PEEKMTETAGS, at, tags, n)
#define POKE(at, tags, n) Tags(PTRACE_POKEMTETAGS, at, tags, n)

static void Body(void) {
  Control(kEnable | kSync | kAllTags);
  for (int i = 0; i < 4; ++i) Tag(area + i * kGranule, kGranule, i + 1);
  Tag(area + 2 * kPage - kGranule, kGranule, 9);
  raise(SIGUSR1);
  // The tracer has made it 5.
  if (Ldg(area) != 5 || Ldg(area + kGranule) != 2) _exit(1);
  Store(WithTag(area, 5), 'x');
  if (Ldg(area + kPage) != 7) _exit(2);
  raise(SIGUSR2);
  if (prctl(PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) != kEnable) _exit(3);
  Store(WithTag(area, 8), 'y');  // not checked any more
}

static void ReadTags(void) {
  memset(buffer, 0xee, sizeof buffer);
  CHECK_EQ(PEEK(area, buffer, 6), 6);
  CHECK(memcmp(buffer, "\1\2\3\4\0\0\xee", 7) == 0);
  CHECK_EQ(PEEK(area + 31, buffer, 1), 1);  // of the granule around it
  CHECK_EQ(buffer[0], 2);
  CHECK_EQ(PEEK(area + kPage, buffer, kPerPage), kPerPage);
  CHECK_EQ(buffer[0], 0);
  CHECK_EQ(buffer[kPerPage - 1], 9);
  CHECK_EQ(PEEK(area, buffer, 2 * kPerPage), 2 * kPerPage);
  CHECK_EQ(buffer[3], 4);
  CHECK_EQ(buffer[2 * kPerPage - 1], 9);
  Ok("tags are read, across pages");
}

static void WriteTags(void) {
  memcpy(buffer, "\5", 1);
  CHECK_EQ(POKE(area, buffer, 1), 1);
  memcpy(buffer, "\xf7", 1);  // the rest is no part of a tag
  CHECK_EQ(POKE(area + kPage, buffer, 1), 1);
  CHECK_EQ(PEEK(area + kPage, buffer, 1), 1);
  CHECK_EQ(buffer[0], 7);
  CHECK_EQ(Ldg(area), 0);  // the child's page, not the one it was copied from
  CHECK_EQ(Ldg(area + kPage), 0);
  Ok("and written");
}

static void EndOfTags(void) {
  // To the end of what has tags, and what is before the first without.
  CHECK_EQ(PEEK(area + kPage + kPage / 2, buffer, kPerPage), kPerPage / 2);
  CHECK_EQ(POKE(area + 2 * kPage - kGranule, buffer, 2), 1);
  CHECK_FAILS(PEEK(area + 2 * kPage, buffer, 1), EIO);
  CHECK_FAILS(POKE(area + 2 * kPage, buffer, 1), EIO);
  CHECK_FAILS(PEEK(area + 3 * kPage, buffer, 1), EIO);
  CHECK_FAILS(PEEK(NULL, buffer, 1), EIO);
  CHECK_FAILS(PEEK(area, buffer, 0), EFAULT);
  CHECK_FAILS(PEEK(area, NULL, 1), EFAULT);
  CHECK_FAILS(POKE(area, NULL, 1), EFAULT);
  CHECK_FAILS(PEEK(area, (void*)-1l, 4), EFAULT);
  CHECK_FAILS(ptrace(PTRACE_PEEKMTETAGS, child, area, NULL), EFAULT);
  // Into memory that ends.
  char* end = MUST(
      mmap(NULL, 2 * kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(munmap(end + kPage, kPage));
  CHECK_EQ(PEEK(area, end + kPage - 3, 8), 3);
  CHECK_EQ(end[kPage - 2], 2);
  CHECK_EQ(POKE(area, end + kPage - 3, 8), 3);
  Ok("as far as there are tags, and room for them");
}

static void Mode(void) {
  unsigned long ctrl = 0;
  struct iovec vec = {&ctrl, sizeof ctrl};
  REQUEST(PTRACE_GETREGSET, child, NT_ARM_TAGGED_ADDR_CTRL, &vec);
  CHECK_EQ(ctrl, kEnable | kSync | kAllTags);
  ctrl = kEnable;
  REQUEST(PTRACE_SETREGSET, child, NT_ARM_TAGGED_ADDR_CTRL, &vec);
  ctrl = 0;
  REQUEST(PTRACE_GETREGSET, child, NT_ARM_TAGGED_ADDR_CTRL, &vec);
  CHECK_EQ(ctrl, kEnable);
  ctrl = 1ul << 40;
  CHECK_FAILS(ptrace(PTRACE_SETREGSET, child, NT_ARM_TAGGED_ADDR_CTRL, &vec),
              EINVAL);
  Ok("the mode of checking");
}

static void Test(void) {
  area = Tagged(4);
  MUST(mprotect(area + kPage, kPage, PROT_NONE));
  MUST(mprotect(area + kPage, kPage, kReadWrite));
  MUST(munmap(area + 2 * kPage, 2 * kPage));
  MUST(mmap(area + 2 * kPage, kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  area[0] = area[kPage] = area[2 * kPage] = 'a';
  child = Traced(Body);
  Go(child, 0);
  CHECK_EQ(Next(child), Stop(SIGUSR1));
  ReadTags();
  EndOfTags();
  WriteTags();
  Go(child, 0);
  CHECK_EQ(Next(child), Stop(SIGUSR2));
  Mode();
  Go(child, 0);
  CHECK_EQ(Next(child), Exited(0));
}

#endif
