// A pointer whose tag is not the memory's: with synchronous checks the access
// does not happen, and the signal names the byte.
// Covers: plugin/linux/abi_arm64_mte.cc

#include "tests/abi/mte.h"

#ifdef __aarch64__

static void Test(void) {
  Control(kEnable | kSync | kAllTags);
  CatchSegv(0);
  char* page = Tagged(2);
  char* five = Tag(page, 32, 5);
  CHECK_EQ(MET(Store(five, 'a')), 0);
  CHECK_EQ(MET(Store(five + 31, 'b')), 0);
  CHECK_EQ(page[64], 0);
  Ok("the right tag");

  CHECK_EQ(MET(Store(five + 37, 'x')), kSegvMteSync);
  CHECK_EQ(tag_address, page + 37);
  CHECK_EQ(page[37], 0);
  CHECK_EQ(MET(Load(page + 3)), kSegvMteSync);
  CHECK_EQ(tag_address, page + 3);
  // A word across two granules: the first byte that has another tag.
  CHECK_EQ(MET(*(volatile uint64_t*)(five + 28) = ~0ul), kSegvMteSync);
  CHECK_EQ(tag_address, page + 32);
  CHECK_EQ(five[28], 0);
  Ok("the wrong one");

  CatchSegv(kExposeTagbits);
  CHECK_EQ(MET(Load(WithTag(page + 8, 7))), kSegvMteSync);
  CHECK_EQ(tag_address, WithTag(page + 8, 7));
  Ok("SA_EXPOSE_TAGBITS");
  CatchSegv(0);

  // Pairs, and vectors.
  uint64_t a = 1, b = 2;
  CHECK_EQ(
      MET(__asm__ volatile("stp %0, %1, [%2]" ::"r"(a), "r"(b), "r"(five + 24)
                           : "memory")),
      kSegvMteSync);
  CHECK_EQ(*(volatile uint64_t*)(five + 24) >> 56, 'b');
  CHECK_EQ(MET(__asm__ volatile("str q0, [%0]" ::"r"(five + 24)
                                : "memory")),
           kSegvMteSync);
  CHECK_EQ(MET(__asm__ volatile("ldxr %0, [%1]"
                                : "=r"(a)
                                : "r"(page))),
           kSegvMteSync);
  CHECK_EQ(MET(__asm__ volatile("dc zva, %0" ::"r"(five)
                                : "memory")),
           kSegvMteSync);
  CHECK_EQ(five[0], 'a');
  Ok("pairs, vectors, exclusives, DC ZVA");

  // What is addressed from the stack pointer is not checked.
  static uint64_t loaded;
  CHECK_EQ(MET(__asm__ volatile("mov x9, sp\n\tmov sp, %1\n\tldr %0, [sp, #24]"
                                "\n\tmov sp, x9"
                                : "=&r"(loaded)
                                : "r"(page)
                                : "x9", "memory")),
           0);
  CHECK_EQ(loaded >> 56, 'b');
  SetTco(true);
  CHECK_EQ(MET(Store(page + 1, 'y')), 0);
  SetTco(false);
  CHECK_EQ(five[1], 'y');
  CHECK_EQ(MET(Load(page + 1)), kSegvMteSync);
  Ok("the stack pointer, and PSTATE.TCO");

  Control(kEnable | kAllTags);
  CHECK_EQ(MET(Store(page + 2, 'z')), 0);
  CHECK_EQ(five[2], 'z');
  Ok("no checks");
}

#endif
