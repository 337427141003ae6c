// Four producers and four consumers over a queue of two places.
#include <pthread.h>

#include "tests/abi/check.h"

enum { kEach = 200, kPlaces = 2 };

static pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_not_full = PTHREAD_COND_INITIALIZER;
static pthread_cond_t g_not_empty = PTHREAD_COND_INITIALIZER;
static int g_queue[kPlaces], g_length;
static long g_sum;

static void* Produce(void* first) {
  for (int i = 0; i < kEach; i++) {
    pthread_mutex_lock(&g_mutex);
    while (g_length == kPlaces) pthread_cond_wait(&g_not_full, &g_mutex);
    g_queue[g_length++] = (int)(intptr_t)first + i;
    pthread_cond_signal(&g_not_empty);
    pthread_mutex_unlock(&g_mutex);
  }
  return NULL;
}

static void* Consume(void* unused) {
  (void)unused;
  for (int i = 0; i < kEach; i++) {
    pthread_mutex_lock(&g_mutex);
    while (g_length == 0) pthread_cond_wait(&g_not_empty, &g_mutex);
    g_sum += g_queue[--g_length];
    pthread_cond_signal(&g_not_full);
    pthread_mutex_unlock(&g_mutex);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[8];
  for (intptr_t i = 0; i < 8; i++)
    CHECK_EQ(pthread_create(&threads[i], NULL, i < 4 ? Produce : Consume,
                            (void*)(i * kEach)),
             0);
  for (int i = 0; i < 8; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
  CHECK_EQ(g_length, 0);
  CHECK_EQ(g_sum, (4l * kEach) * (4 * kEach - 1) / 2);
  Ok("every item produced was consumed once");
}
