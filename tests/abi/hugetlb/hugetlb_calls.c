// The memory calls on huge pages: mprotect, mremap and madvise in whole pages,
// or EINVAL; never longer; what has no meaning for them is refused.
// Covers: guest_mm/hugetlb/hugetlb_range.cc

#include "tests/abi/hugetlb.h"

static void Protect(size_t huge) {
  char* p = MapHuge(2, kHugeFlags);
  p[0] = 'a';
  CHECK_FAILS(mprotect(p, kPage, PROT_READ), EINVAL);
  CHECK_FAILS(mprotect(p + kPage, huge, PROT_READ), EINVAL);
  MUST(mprotect(p, huge, PROT_READ));
  CHECK_EQ(CountMaps(p, 2 * huge), 2);
  CHECK_FAULT(Write(p), SIGSEGV, SEGV_ACCERR, p);
  CHECK_EQ(p[0], 'a');
  MUST(mprotect(p, huge, PROT_NONE));
  CHECK_FAULT(Read(p + 7), SIGSEGV, SEGV_ACCERR, p + 7);
  MUST(mprotect(p, huge, kReadWrite));
  CHECK_EQ(CountMaps(p, 2 * huge), 2);  // they never merge
  CHECK_EQ(p[0], 'a');
  CHECK_NO_FAULT(Write(p));
  CHECK_POOL(3, 1);
  MUST(munmap(p, 2 * huge));
  CHECK_POOL(4, 0);
  Ok("mprotect");
}

static void Move(size_t huge) {
  char* place = (char*)MUST(
      mmap(NULL, 5 * huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char* to = (char*)(((uintptr_t)place + huge - 1) & ~(huge - 1));
  char* p = MapHuge(2, kHugeFlags);
  p[0] = 'a';
  p[huge] = 'b';
  CHECK_FAILS(mremap(p, huge, 2 * huge, MREMAP_MAYMOVE), EINVAL);
  CHECK_FAILS(mremap(p, 2 * huge, 3 * huge, MREMAP_MAYMOVE), EINVAL);
  CHECK_FAILS(mremap(p + kPage, huge, huge, MREMAP_MAYMOVE), EINVAL);
  CHECK_FAILS(
      mremap(p, 2 * huge, 2 * huge, MREMAP_MAYMOVE | MREMAP_FIXED, to + kPage),
      EINVAL);
  CHECK_FAILS(mremap(p, huge, huge, MREMAP_MAYMOVE | 4 /* DONTUNMAP */, 0),
              EINVAL);
  CHECK_EQ(mremap(p, 2 * huge, 2 * huge, MREMAP_MAYMOVE | MREMAP_FIXED, to),
           to);
  CHECK_EQ(to[0], 'a');
  CHECK_EQ(to[huge], 'b');
  CHECK_FAULT(Read(p), SIGSEGV, SEGV_MAPERR, p);
  to[0] = 'c';
  CHECK_POOL(2, 0);
  CHECK_EQ(mremap(to, 2 * huge, huge, 0), to);  // shorter is allowed
  CHECK_POOL(3, 0);
  MUST(munmap(to, huge));
  CHECK_POOL(4, 0);

  // What is reserved moves along.
  MUST(mmap(place, 5 * huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
            -1, 0));
  p = MapHuge(2, kHugeFlags);
  p[0] = 'a';
  CHECK_EQ(mremap(p, 2 * huge, 2 * huge, MREMAP_MAYMOVE | MREMAP_FIXED, to),
           to);
  CHECK_POOL(3, 1);
  to[huge] = 'b';
  CHECK_POOL(2, 0);
  MUST(munmap(to, 2 * huge));
  CHECK_POOL(4, 0);
  MUST(munmap(place, 5 * huge));
  Ok("mremap");
}

static void Advise(size_t huge) {
  char* p = MapHuge(2, kHugeFlags);
  p[0] = 'a';
  p[huge] = 'b';
  CHECK_FAILS(madvise(p, 2 * huge, MADV_FREE), EINVAL);
  CHECK_FAILS(madvise(p, 2 * huge, MADV_COLD), EINVAL);
  CHECK_FAILS(madvise(p, 2 * huge, MADV_PAGEOUT), EINVAL);
  CHECK_FAILS(madvise(p, huge, MADV_WIPEONFORK), EINVAL);
  CHECK_FAILS(madvise(p + kPage, huge, MADV_DONTNEED), EINVAL);
  CHECK_FAILS(madvise(p, kPage, MADV_DONTFORK), EINVAL);
  CHECK_FAILS(madvise(p, huge, MADV_REMOVE), EACCES);
  MUST(madvise(p, huge, MADV_DONTDUMP));
  MUST(madvise(p, huge, MADV_DODUMP));
  MUST(madvise(p, 2 * huge, MADV_WILLNEED));
  MUST(madvise(p, huge + kPage, MADV_DONTNEED));  // the end is rounded down
  CHECK_EQ(p[0], 0);
  CHECK_EQ(p[huge], 'b');
  MUST(madvise(p, kPage, MADV_DONTNEED));  // down to nothing
  MUST(munmap(p, 2 * huge));
  CHECK_POOL(4, 0);

  p = MapHuge(2, kHugeFlags);
  MUST(madvise(p, 2 * huge, 22 /* POPULATE_READ */));
  CHECK_POOL(2, 0);
  MUST(munmap(p, 2 * huge));
  p = MapHuge(2, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB);
  p[0] = 'a';
  p[huge] = 'b';
  MUST(madvise(p, huge, MADV_REMOVE));
  CHECK_EQ(p[0], 0);
  CHECK_EQ(p[huge], 'b');
  p[1] = 'c';
  MUST(madvise(p, 2 * huge, MADV_DONTNEED));
  CHECK_EQ(p[1], 'c');  // the file has it
  MUST(munmap(p, 2 * huge));
  CHECK_POOL(4, 0);
  Ok("madvise");
}

static void Lock(size_t huge) {
  char* p = MapHuge(2, kHugeFlags);
  MUST(mlock(p, huge));
  CHECK_POOL(3, 1);
  CHECK_EQ(StatusField("VmLck:"), 0);
  MUST(munlock(p, huge));
  MUST(msync(p, 2 * huge, MS_SYNC));
  MUST(munmap(p, 2 * huge));
  CHECK_POOL(4, 0);
  Ok("mlock");
}

static void Body(void) {
  const size_t huge = Huge();
  Protect(huge);
  Move(huge);
  Advise(huge);
  Lock(huge);
}

int main(void) { return WithPool(4, Body); }
