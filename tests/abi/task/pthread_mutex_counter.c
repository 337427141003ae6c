// Eight threads, one mutex, no lost increment.
#include <pthread.h>

#include "tests/abi/check.h"

enum { kThreads = 8, kRounds = 2000 };

static pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;
static long g_locked;
static volatile long g_pair[2];
static long g_atomic;

static void* Count(void* unused) {
  (void)unused;
  for (int i = 0; i < kRounds; i++) {
    pthread_mutex_lock(&g_mutex);
    g_locked++;
    g_pair[0]++;
    CHECK_EQ(g_pair[0], g_pair[1] + 1);
    g_pair[1]++;
    pthread_mutex_unlock(&g_mutex);
    __atomic_fetch_add(&g_atomic, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; i++)
    CHECK_EQ(pthread_create(&threads[i], NULL, Count, NULL), 0);
  for (int i = 0; i < kThreads; i++)
    CHECK_EQ(pthread_join(threads[i], NULL), 0);
  CHECK_EQ(g_locked, kThreads * kRounds);
  Ok("mutex");
  CHECK_EQ(g_atomic, kThreads * kRounds);
  Ok("atomic add");
}
