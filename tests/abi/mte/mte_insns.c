// What the tag instructions compute.

#include "tests/abi/mte.h"

#ifdef __aarch64__

static void Arithmetic(void) {
  uint64_t d, n = 0x0700000000001000;
  Control(kEnable | (0xff00ul << 3));  // tags 8 to 15
  __asm__(MTE "gmi %0, %1, %2" : "=r"(d) : "r"(n), "r"(1ul));
  CHECK_EQ(d, 0x81);
  __asm__(MTE "addg %0, %1, #32, #0" : "=r"(d) : "r"(n));
  CHECK_EQ(d, 0x0800000000001020);
  __asm__(MTE "addg %0, %1, #0, #1" : "=r"(d) : "r"(n));
  CHECK_EQ(d, 0x0800000000001000);
  __asm__(MTE "addg %0, %1, #0, #10" : "=r"(d) : "r"(n));
  CHECK_EQ(d, 0x0900000000001000);
  __asm__(MTE "subg %0, %1, #1008, #2" : "=r"(d) : "r"(n));
  CHECK_EQ(d, 0x0900000000000c10);
  Control(kEnable | kAllTags);
  __asm__(MTE "addg %0, %1, #16, #9" : "=r"(d) : "r"(n));
  CHECK_EQ(d, 0x0100000000001010);
  __asm__(MTE "subp %0, %1, %2" : "=r"(d) : "r"(n), "r"(0x0f00000000001010ul));
  CHECK_EQ(d, -16ul);
  uint64_t flags;
  __asm__(MTE "subps %0, %2, %3\n\tmrs %1, nzcv"
          : "=r"(d), "=r"(flags)
          : "r"(n), "r"(0x0f00000000001000ul)
          : "cc");
  CHECK_EQ(d, 0);
  CHECK_EQ(flags, 0x60000000);
  __asm__(MTE "subps %0, %2, %3\n\tmrs %1, nzcv"
          : "=r"(d), "=r"(flags)
          : "r"(n), "r"(0x2000ul)
          : "cc");
  CHECK_EQ(flags, 0x80000000);
  Ok("arithmetic");
}

static void Stores(void) {
  char* page = Tagged(2);
  memset(page, 'x', 2 * kPage);
  uint64_t at = Bits(WithTag(page, 3));
  __asm__ volatile(MTE "stzg %1, [%0], #16\n\tst2g %1, [%0, #16]!"
                   : "+r"(at)
                   : "r"(at)
                   : "memory");
  CHECK_EQ(at, Bits(WithTag(page + 32, 3)));
  CHECK_EQ(Ldg(page), 3);
  CHECK_EQ(page[0], 0);
  CHECK_EQ(page[16], 'x');
  CHECK_EQ(Ldg(page + 16), 0);
  CHECK_EQ(Ldg(page + 32), 3);
  CHECK_EQ(Ldg(page + 48), 3);
  CHECK_EQ(page[32], 'x');
  char* edge = WithTag(page + kPage - 16, 9);
  __asm__ volatile(MTE "stz2g %0, [%0]" ::"r"(edge) : "memory");
  CHECK_EQ(Ldg(page + kPage), 9);
  CHECK_EQ(page[kPage + 15], 0);
  CHECK_EQ(page[kPage + 16], 'x');
  __asm__ volatile(MTE "stgp %1, %2, [%0, #-64]" ::"r"(edge), "r"(1ul), "r"(2ul)
                   : "memory");
  CHECK_EQ(Ldg(edge - 64), 9);
  CHECK_EQ(((uint64_t*)(page + kPage - 80))[1], 2);
  __asm__ volatile("dc zva, %0" ::"r"(page + 256) : "memory");
  CHECK_EQ(page[256 + 63], 0);
  __asm__ volatile(MTE "dc gva, %0" ::"r"(WithTag(page + 512 + 9, 6))
                   : "memory");
  CHECK_EQ(Ldg(page + 512), 6);
  CHECK_EQ(Ldg(page + 512 + 48), 6);
  CHECK_EQ(Ldg(page + 512 + 64), 0);
  CHECK_EQ(page[512], 'x');
  __asm__ volatile(MTE "dc gzva, %0" ::"r"(WithTag(page + 1024, 7)) : "memory");
  CHECK_EQ(Ldg(page + 1024 + 63), 7);
  CHECK_EQ(page[1024 + 63], 0);
  Ok("stores of tags");
}

static void Faults(void) {
  CatchSegv(0);
  char* page = Tagged(2);
  MUST(mprotect(page + kPage, kPage, PROT_NONE));
  CHECK_EQ(MET(Ldg(page + kPage)), SEGV_ACCERR);
  CHECK_EQ(MET(__asm__ volatile(
               MTE "st2g %0, [%0]" ::"r"(WithTag(page + kPage - 16, 9))
               : "memory")),
           SEGV_ACCERR);
  CHECK_EQ(tag_address, page + kPage);
  CHECK_EQ(Ldg(page + kPage - 16), 0);
  MUST(mprotect(page, kPage, PROT_READ));
  CHECK_EQ(MET(Stg(page)), SEGV_ACCERR);
  CHECK_EQ(tag_address, page);
  MUST(munmap(page, 2 * kPage));
  CHECK_EQ(MET(Ldg(page)), SEGV_MAPERR);
  Ok("faults");
}

static void Test(void) {
  Arithmetic();
  Stores();
  Faults();
}

#endif
