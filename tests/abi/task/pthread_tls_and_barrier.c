// Each thread has its own thread-local variables; a barrier holds all of them.
// Covers: plugin/linux/task/task.cc
#include <pthread.h>

#include "tests/abi/check.h"

enum { kThreads = 8, kRounds = 20 };

static __thread int t_initialised = 7;
static __thread int t_zero[100];
static pthread_barrier_t g_barrier;
static int g_round[kThreads];

static void* Thread(void* argument) {
  int self = (int)(intptr_t)argument;
  CHECK_EQ(t_initialised, 7);
  CHECK_EQ(t_zero[99], 0);
  t_initialised = t_zero[99] = self;
  for (int round = 1; round <= kRounds; round++) {
    g_round[self] = round;
    pthread_barrier_wait(&g_barrier);
    for (int i = 0; i < kThreads; i++) CHECK_EQ(g_round[i], round);
    CHECK_EQ(t_initialised, self);
    pthread_barrier_wait(&g_barrier);
  }
  CHECK_EQ(t_zero[99], self);
  return argument;
}

int main(void) {
  CHECK_EQ(pthread_barrier_init(&g_barrier, NULL, kThreads), 0);
  pthread_t threads[kThreads];
  for (intptr_t i = 0; i < kThreads; i++)
    CHECK_EQ(pthread_create(&threads[i], NULL, Thread, (void*)i), 0);
  for (intptr_t i = 0; i < kThreads; i++) {
    void* value;
    CHECK_EQ(pthread_join(threads[i], &value), 0);
    CHECK_EQ((intptr_t)value, i);
  }
  CHECK_EQ(t_initialised, 7);
  Ok("eight threads, twenty rounds");
}
