// futex_waitv waits on many words and says which one woke it.
// Covers: plugin/linux/futex/waitv.cc
#include <pthread.h>

#include "tests/abi/task/futex.h"

static unsigned g_words[3] = {10, 11, 12};
static pid_t g_waiter;

static void Describe(struct futex_waitv* waits) {
  for (int i = 0; i < 3; i++) {
    waits[i] = (struct futex_waitv){.val = 10 + i,
                                    .uaddr = (uintptr_t)&g_words[i],
                                    .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG};
  }
}

static long Waitv(struct futex_waitv* waits, unsigned count, unsigned flags,
                  struct timespec* deadline, int clock) {
  return syscall(SYS_futex_waitv, waits, count, flags, deadline, clock);
}

static void* Wait(void* unused) {
  (void)unused;
  struct futex_waitv waits[3];
  Describe(waits);
  __atomic_store_n(&g_waiter, gettid(), __ATOMIC_SEQ_CST);
  return (void*)Waitv(waits, 3, 0, NULL, CLOCK_MONOTONIC);
}

int main(void) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Wait, NULL), 0);
  // Whoever is woken was waiting; before that there is nobody to wake.
  while (Futex(&g_words[1], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 0) {
    usleep(200);
  }
  void* which;
  CHECK_EQ(pthread_join(thread, &which), 0);
  CHECK_EQ((long)which, 1);
  CHECK_EQ(Futex(&g_words[0], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
  Ok("the word that woke it, and no other is waited for any more");

  struct futex_waitv waits[3];
  Describe(waits);
  waits[2].val = 99;
  CHECK_FAILS(Waitv(waits, 3, 0, NULL, 0), EAGAIN);
  Describe(waits);
  struct timespec past = {0, 1};
  CHECK_FAILS(Waitv(waits, 3, 0, &past, CLOCK_MONOTONIC), ETIMEDOUT);
  CHECK_FAILS(Waitv(waits, 3, 0, &past, CLOCK_PROCESS_CPUTIME_ID), EINVAL);
  CHECK_FAILS(Waitv(waits, 0, 0, NULL, 0), EINVAL);
  CHECK_FAILS(Waitv(waits, 129, 0, NULL, 0), EINVAL);
  CHECK_FAILS(Waitv(waits, 3, 1, NULL, 0), EINVAL);
  CHECK_FAILS(Waitv(NULL, 3, 0, NULL, 0), EINVAL);
  CHECK_FAILS(Waitv((void*)8, 3, 0, NULL, 0), EFAULT);
  waits[0].flags = FUTEX_PRIVATE_FLAG;  // no size
  CHECK_FAILS(Waitv(waits, 3, 0, NULL, 0), EINVAL);
  Describe(waits);
  waits[1].__reserved = 1;
  CHECK_FAILS(Waitv(waits, 3, 0, NULL, 0), EINVAL);
  Describe(waits);
  waits[1].uaddr = 8;
  CHECK_FAILS(Waitv(waits, 3, 0, NULL, 0), EFAULT);
  waits[1].uaddr = (uintptr_t)g_words + 1;
  CHECK_FAILS(Waitv(waits, 3, 0, NULL, 0), EINVAL);
  Ok("what is refused");
}
