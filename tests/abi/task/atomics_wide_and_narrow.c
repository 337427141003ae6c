// Sixteen-byte compare-and-swap, and atomics beside each other, among threads.
#include <pthread.h>

#include "tests/abi/check.h"

enum { kThreads = 4, kRounds = 1000 };

static struct Pair { uint64_t low, high; } g_pair __attribute__((aligned(16)));
static uint8_t g_bytes[kThreads];
static uint32_t g_odd __attribute__((aligned(4)));

static bool Swap(struct Pair* expected, struct Pair desired) {
#if defined(__x86_64__)
  bool done;
  __asm__ volatile("lock cmpxchg16b %1; sete %0"
                   : "=q"(done), "+m"(g_pair), "+a"(expected->low),
                     "+d"(expected->high)
                   : "b"(desired.low), "c"(desired.high)
                   : "memory", "cc");
  return done;
#elif defined(__aarch64__)
  struct Pair seen;
  uint32_t failed;
  __asm__ volatile("ldaxp %0, %1, [%2]"
                   : "=r"(seen.low), "=r"(seen.high)
                   : "r"(&g_pair)
                   : "memory");
  if (seen.low != expected->low || seen.high != expected->high) {
    __asm__ volatile("clrex");
    *expected = seen;
    return false;
  }
  __asm__ volatile("stlxp %w0, %1, %2, [%3]"
                   : "=&r"(failed)
                   : "r"(desired.low), "r"(desired.high), "r"(&g_pair)
                   : "memory");
  return failed == 0;
#endif
}

static void* Count(void* argument) {
  intptr_t self = (intptr_t)argument;
  for (int i = 0; i < kRounds; i++) {
    struct Pair seen = {0, 0};
    while (!Swap(&seen, (struct Pair){seen.low + 1, seen.high + 2})) {
    }
    __atomic_fetch_add(&g_bytes[self], 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&g_odd, 3, __ATOMIC_SEQ_CST);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  for (intptr_t i = 0; i < kThreads; i++)
    CHECK_EQ(pthread_create(&threads[i], NULL, Count, (void*)i), 0);
  for (int i = 0; i < kThreads; i++)
    CHECK_EQ(pthread_join(threads[i], NULL), 0);
  CHECK_EQ(g_pair.low, kThreads * kRounds);
  CHECK_EQ(g_pair.high, 2 * kThreads * kRounds);
  Ok("pairs");
  for (int i = 0; i < kThreads; i++) CHECK_EQ(g_bytes[i], (uint8_t)kRounds);
  CHECK_EQ(g_odd, 3 * kThreads * kRounds);
  Ok("bytes and words");
}
