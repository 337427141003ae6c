// Where tags go with huge pages and userfaultfd: along with a page that moves,
// is collapsed or split; not along with bytes that are copied. Covers:
// guest_mm/thp/collapse_anon.cc guest_mm/thp/split_folio.cc Covers:
// guest_mm/uffd/mfill.cc guest_mm/uffd/move_pages.cc

#include "tests/abi/huge.h"
#include "tests/abi/mte.h"
#include "tests/abi/uffd.h"

#ifdef __aarch64__

enum { kAt = 37 };  // pages, in the huge page

static void CheckTags(char* area) {
  for (unsigned i = 0; i < 4; i++) {
    char* page = area + (kAt + i) * kPage;
    CHECK_EQ(Ldg(page), i + 3);
    CHECK_EQ(Ldg(page + 16), 0);
    CHECK_EQ(Ldg(page + kPage - 16), 15 - i);
    CHECK_EQ(page[5], 'a' + i);
  }
  CHECK_EQ(Ldg(area + (kAt + 4) * kPage), 0);
}

static void SetTags(char* area) {
  for (unsigned i = 0; i < 4; i++) {
    char* page = area + (kAt + i) * kPage;
    Stg(WithTag(page, i + 3));
    Stg(WithTag(page + kPage - 16, 15 - i));
    *(volatile char*)WithTag(page + 5, i + 3) = (char)('a' + i);
  }
}

static void Huge(void) {
  const size_t huge = HugeSize();
  char* area = HugeArea(1);
  MUST(mprotect(area, huge, kReadWrite | kProtMte));
  SetTags(area);
  if (HugeKb(area) == 0) {
    CHECK_EQ(madvise(area, huge, kCollapse), 0);
  }
  CHECK_EQ(HugeKb(area) << 10, huge);
  CheckTags(area);
  Ok("in a huge page");

  MUST(munmap(area, kPage));
  CHECK_EQ(HugeKb(area + kPage), 0);
  CheckTags(area);
  Ok("of a huge page that is no longer mapped as one");

  char* empty = HugeArea(1);
  MUST(mprotect(empty, huge, kReadWrite | kProtMte));
  SetTags(empty);
  Stg(WithTag(empty + 200 * kPage, 6));
  MUST(madvise(empty, kPage, MADV_COLD));
  CHECK_EQ(HugeKb(empty), 0);
  CheckTags(empty);
  CHECK_EQ(Ldg(empty + 200 * kPage), 6);
  Ok("of one that is split, of pages of zeros too");

  char* small = HugeArea(1);
  MUST(madvise(small, huge, MADV_NOHUGEPAGE));
  MUST(mprotect(small, huge, kReadWrite | kProtMte));
  SetTags(small);
  CHECK_EQ(HugeKb(small), 0);
  MUST(madvise(small, huge, MADV_HUGEPAGE));
  MUST(madvise(small, huge, kCollapse));
  CHECK_EQ(HugeKb(small) << 10, huge);
  CheckTags(small);
  MUST(madvise(small + kAt * kPage, kPage, MADV_DONTNEED));
  CHECK_EQ(Ldg(small + kAt * kPage), 0);
  CHECK_EQ(Ldg(small + (kAt + 1) * kPage), 4);
  Ok("of pages that are collapsed");
}

static void Uffds(void) {
  const int u = Uffd(kFeatureMove);
  char* source = Tagged(4);
  char* target = Tagged(4);
  memset(source, 's', 4 * kPage);
  for (unsigned i = 0; i < 4; i++) Stg(WithTag(source + i * kPage, i + 1));
  Register(u, target, 4 * kPage, kMissing);
  CHECK_DONE(Copy(u, target, source, 2 * kPage, 0), 2 * kPage);
  CHECK_EQ(Ldg(target), 0);
  CHECK_EQ(Ldg(target + kPage), 0);
  CHECK_EQ(target[kPage], 's');
  CHECK_EQ(Ldg(source), 1);
  Ok("not copied");
  Control(kEnable | kSync | kAllTags);
  CHECK_OUTCOME(Copy(u, target + 2 * kPage, source + 2 * kPage, kPage, 0),
                EFAULT, -EFAULT);
  Control(kEnable | kAllTags);
  char* plain = Island(1, kReadWrite);
  Register(u, plain, kPage, kMissing);
  CHECK_EQ(Move(u, plain, source + 2 * kPage, kPage, 0).error, EINVAL);
  Ok("nor read by another tag, nor moved to where there are none");
  CHECK_DONE(Move(u, target + 2 * kPage, source + 2 * kPage, 2 * kPage, 0),
             2 * kPage);
  CHECK_EQ(Ldg(target + 2 * kPage), 3);
  CHECK_EQ(Ldg(target + 3 * kPage), 4);
  CHECK_EQ(Ldg(source + 2 * kPage), 0);
  Ok("moved");
}

static void Test(void) {
  Huge();
  Uffds();
}

#endif
