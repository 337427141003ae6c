// A PI futex's word names its owner; unlocking hands it to the one who waits,
// and so does the owner's death.
// Covers: plugin/linux/futex/pi.cc
#include <pthread.h>

#include "tests/abi/task/futex.h"

static unsigned g_word;
static int g_order;

static long Lock(void) {
  return Futex(&g_word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
}
static long Unlock(void) {
  return Futex(&g_word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
}

static void* Waiter(void* unused) {
  CHECK_EQ(Lock(), 0);
  CHECK_EQ(g_word & FUTEX_TID_MASK, gettid());
  CHECK_EQ(++g_order, 2);
  CHECK_EQ(Unlock(), 0);
  return unused;
}

static void* Holder(void* unused) {
  CHECK_EQ(Lock(), 0);
  while (__atomic_load_n(&g_order, __ATOMIC_SEQ_CST) != 3) usleep(200);
  CHECK_EQ(Unlock(), 0);
  return unused;
}

static void AwaitWaiters(void) {
  while (!(__atomic_load_n(&g_word, __ATOMIC_SEQ_CST) & FUTEX_WAITERS)) {
    usleep(200);
  }
}

int main(void) {
  CHECK_EQ(Lock(), 0);
  CHECK_EQ(g_word, gettid());
  CHECK_FAILS(Lock(), EDEADLK);
  CHECK_EQ(Unlock(), 0);
  CHECK_EQ(g_word, 0);
  CHECK_FAILS(Unlock(), EPERM);
  CHECK_EQ(Futex(&g_word, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
  CHECK_EQ(g_word, gettid());
  Ok("the word names the owner");

  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Waiter, NULL), 0);
  AwaitWaiters();
  CHECK_EQ(++g_order, 1);
  CHECK_EQ(Unlock(), 0);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_EQ(g_order, 2);
  CHECK_EQ(g_word & FUTEX_TID_MASK, 0);
  Ok("unlocking hands it over");

  g_word = 0x3ffffff0;  // a thread that there is not
  CHECK_FAILS(Lock(), ESRCH);
  g_word = 0;
  CHECK_EQ(pthread_create(&thread, NULL, Holder, NULL), 0);
  while (__atomic_load_n(&g_word, __ATOMIC_SEQ_CST) == 0) usleep(200);
  struct timespec past = {1, 0};
  CHECK_FAILS(Futex(&g_word, FUTEX_LOCK_PI_PRIVATE, 0, &past, NULL, 0),
              ETIMEDOUT);
  CHECK_FAILS(Futex(&g_word, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0),
              EAGAIN);
  __atomic_store_n(&g_order, 3, __ATOMIC_SEQ_CST);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_FAILS(Futex((void*)8, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), EFAULT);
  CHECK_FAILS(
      Futex((char*)&g_word + 1, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0),
      EINVAL);
  Ok("what is refused");
}
