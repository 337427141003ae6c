// A hint above the default window asks for the addresses that page tables of
// one more level reach; without it, nothing lies there.
// Covers: guest_mm/calls/unmapped_area.cc
#include "tests/abi/memory.h"

#if defined(__x86_64__)
enum { kWindowBits = 47, kAllBits = 56 };
#elif defined(__aarch64__)
enum { kWindowBits = 48, kAllBits = 52 };
#endif

int main(void) {
  const uintptr_t window = 1ul << kWindowBits;
  char* usual = Anonymous(1, kReadWrite);
  CHECK((uintptr_t)usual < window);
  char* wanted = (char*)(window << 2);
  char* high = (char*)MUST(
      mmap(wanted, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if ((uintptr_t)high < window) {
    CHECK_FAILS(mmap(wanted, kPage, kReadWrite,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
                ENOMEM);
    Ok("there is one level less");
    return 0;
  }
  CHECK_EQ((uintptr_t)high, (uintptr_t)wanted);
  CHECK_NO_FAULT(Write(high));
  char* top = (char*)((1ul << kAllBits) - (2ul << 20));
  CHECK_EQ(mmap(top, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
           top);
  CHECK_NO_FAULT(Write(top));
  CHECK_FAULT(Read(top + kPage), SIGSEGV, SEGV_MAPERR, top + kPage);
  MUST(munmap(high, kPage));
  CHECK_FAULT(Read(high), SIGSEGV, SEGV_MAPERR, high);
  CHECK((uintptr_t)Anonymous(1, kReadWrite) < window);
  Ok("who asks, gets");
}
