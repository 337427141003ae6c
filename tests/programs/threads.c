// Eight threads share a mutex, a condition variable, a read-write lock, a
// barrier and thread-local storage; what they print in the end is always the
// same.
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kThreads = 8, kRounds = 5000, kItems = 4000, kRing = 16 };

static pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t g_table_lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t g_barrier;
static pthread_once_t g_once = PTHREAD_ONCE_INIT;
static pthread_key_t g_key;
static sem_t g_ring_free, g_ring_used;

static long g_counter, g_turn, g_table[64], g_initialised;
static int g_ring[kRing];
static char g_order[kThreads * 3 + 1];
static long g_destroyed;
static __thread uint64_t t_hash = 14695981039346656037u;

static void CountDestruction(void* value) {
  __atomic_add_fetch(&g_destroyed, (long)(intptr_t)value, __ATOMIC_RELAXED);
}

static void InitialiseOnce(void) {
  g_initialised++;
  pthread_key_create(&g_key, CountDestruction);
}

// Takes turns: the threads write their letters in order, three times round.
static void TakeTurns(int self) {
  for (int round = 0; round < 3; round++) {
    pthread_mutex_lock(&g_mutex);
    while (g_turn != round * kThreads + self) {
      pthread_cond_wait(&g_changed, &g_mutex);
    }
    g_order[g_turn++] = (char)('a' + self);
    pthread_cond_broadcast(&g_changed);
    pthread_mutex_unlock(&g_mutex);
  }
}

// Moves one unit between two table entries; readers check that none is lost.
static void UseTable(int self) {
  for (int i = 0; i < kRounds / 10; i++) {
    if (i % 8 == self) {
      pthread_rwlock_wrlock(&g_table_lock);
      g_table[(i * 7) % 64]--;
      g_table[(i * 13 + self) % 64]++;
      pthread_rwlock_unlock(&g_table_lock);
    } else if (i % 16 == 0) {
      long sum = 0;
      pthread_rwlock_rdlock(&g_table_lock);
      for (int j = 0; j < 64; j++) sum += g_table[j];
      pthread_rwlock_unlock(&g_table_lock);
      if (sum != 0) abort();
    }
  }
}

static void* Work(void* argument) {
  int self = (int)(intptr_t)argument;
  pthread_once(&g_once, InitialiseOnce);
  pthread_setspecific(g_key, (void*)(intptr_t)(self + 1));
  for (int i = 0; i < kRounds; i++) {
    pthread_mutex_lock(&g_mutex);
    g_counter++;
    pthread_mutex_unlock(&g_mutex);
    t_hash = (t_hash ^ (uint64_t)(self + i)) * 1099511628211u;
  }
  TakeTurns(self);
  pthread_barrier_wait(&g_barrier);
  UseTable(self);
  uint64_t* hash = malloc(sizeof *hash);
  *hash = t_hash;
  return hash;
}

static void* Produce(void* unused) {
  for (int i = 1; i <= kItems; i++) {
    sem_wait(&g_ring_free);
    g_ring[i % kRing] = i;
    sem_post(&g_ring_used);
  }
  return unused;
}

static void* Consume(void* sum) {
  for (int i = 1; i <= kItems; i++) {
    sem_wait(&g_ring_used);
    *(long*)sum += g_ring[i % kRing];
    sem_post(&g_ring_free);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  pthread_barrier_init(&g_barrier, NULL, kThreads);
  for (intptr_t i = 0; i < kThreads; i++) {
    pthread_create(&threads[i], NULL, Work, (void*)i);
  }
  uint64_t hashes = 0;
  for (int i = 0; i < kThreads; i++) {
    void* hash;
    pthread_join(threads[i], &hash);
    hashes ^= *(uint64_t*)hash << i;
    free(hash);
  }
  printf("counter %ld\norder %s\nhashes %016llx\n", g_counter, g_order,
         (unsigned long long)hashes);
  printf("initialised %ld, destroyed %ld\n", g_initialised, g_destroyed);

  long sum = 0;
  sem_init(&g_ring_free, 0, kRing);
  sem_init(&g_ring_used, 0, 0);
  pthread_create(&threads[0], NULL, Produce, NULL);
  pthread_create(&threads[1], NULL, Consume, &sum);
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
  printf("ring %ld\n", sum);
}
