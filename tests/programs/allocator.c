// Four threads share an allocator of their own: arenas from mmap with guard
// pages, a huge one, chunks given back by madvise and grown by mremap. What
// they compute in the end is always the same. Without memory it says so, and
// exits with 3: the program that a sweep of failures is shown with.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
  kThreads = 4,
  kRounds = 24,
  kLive = 8,
  kClasses = 6,
  kSmallest = 64,
  kArena = 128 * 1024,
  kHuge = 4 * 1024 * 1024,
  kGuard = 64 * 1024  // a page, whatever its size
};

typedef struct Chunk {
  struct Chunk* next;
} Chunk;

typedef struct {
  pthread_mutex_t lock;
  Chunk* free[kClasses];
  char* at;  // the arena that chunks are cut from
  char* end;
  long arenas;
} Heap;

static Heap g_heap = {.lock = PTHREAD_MUTEX_INITIALIZER};
static pthread_barrier_t g_barrier;

static void OutOfMemory(const char* what) {
  char line[80];
  const int n = snprintf(line, sizeof line, "no memory: %s\n", what);
  if (write(2, line, (size_t)n) != n) {
    _exit(4);
  }
  _exit(3);
}

static void* Map(size_t bytes) {
  void* p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) {
    OutOfMemory("mmap");
  }
  return p;
}

// An arena between two guards.
static void NewArena(void) {
  char* const all = Map(kArena + 2 * kGuard);
  if (mprotect(all, kGuard, PROT_NONE) != 0 ||
      mprotect(all + kGuard + kArena, kGuard, PROT_NONE) != 0) {
    OutOfMemory("mprotect");
  }
  g_heap.at = all + kGuard;
  g_heap.end = g_heap.at + kArena;
  g_heap.arenas++;
}

static int ClassOf(size_t bytes) {
  int c = 0;
  while (((size_t)kSmallest << c) < bytes) {
    c++;
  }
  return c;
}

static void* Take(size_t bytes) {
  const int c = ClassOf(bytes);
  const size_t size = (size_t)kSmallest << c;
  pthread_mutex_lock(&g_heap.lock);
  Chunk* chunk = g_heap.free[c];
  if (chunk != NULL) {
    g_heap.free[c] = chunk->next;
  } else {
    if (g_heap.at == NULL || (size_t)(g_heap.end - g_heap.at) < size) {
      NewArena();
    }
    chunk = (Chunk*)g_heap.at;
    g_heap.at += size;
  }
  pthread_mutex_unlock(&g_heap.lock);
  return chunk;
}

static void Give(void* p, size_t bytes) {
  const int c = ClassOf(bytes);
  Chunk* const chunk = p;
  pthread_mutex_lock(&g_heap.lock);
  chunk->next = g_heap.free[c];
  g_heap.free[c] = chunk;
  pthread_mutex_unlock(&g_heap.lock);
}

static uint32_t Next(uint32_t* seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return *seed >> 8;
}

// Takes, fills, checks and gives back.
static uint64_t Churn(uint32_t seed) {
  unsigned char* live[kLive] = {0};
  size_t sizes[kLive] = {0};
  uint64_t sum = 0;
  for (int i = 0; i < kRounds; i++) {
    const int k = (int)(Next(&seed) % kLive);
    if (live[k] != NULL) {
      for (size_t j = 0; j < sizes[k]; j++) {
        sum = sum * 31 + live[k][j];
      }
      Give(live[k], sizes[k]);
    }
    sizes[k] = 16 + Next(&seed) % 2000;
    live[k] = Take(sizes[k]);
    memset(live[k], (int)(seed & 0xff), sizes[k]);
  }
  return sum;
}

// A buffer that grows, moves, and gives its first half back.
static uint64_t Grow(uint32_t seed) {
  size_t bytes = kGuard;
  unsigned char* buffer = Map(bytes);
  uint64_t sum = 0;
  for (int i = 0; i < 3; i++) {
    memset(buffer + bytes - 64, (int)(seed + (uint32_t)i), 64);
    void* const moved = mremap(buffer, bytes, bytes * 2, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) {
      OutOfMemory("mremap");
    }
    buffer = moved;
    sum = sum * 31 + buffer[bytes - 1];
    bytes *= 2;
  }
  if (madvise(buffer, bytes / 2, MADV_DONTNEED) != 0) {
    OutOfMemory("madvise");
  }
  sum = sum * 31 + buffer[64] + buffer[bytes / 2 - 1];
  munmap(buffer, bytes);
  return sum;
}

static void* Work(void* arg) {
  uint64_t* const result = arg;
  const uint32_t seed = (uint32_t)*result;
  uint64_t sum = Churn(seed);
  pthread_barrier_wait(&g_barrier);
  sum = sum * 31 + Grow(seed);
  pthread_barrier_wait(&g_barrier);
  *result = sum * 31 + Churn(seed + 77);
  return NULL;
}

// One large mapping that may be had as huge pages, and swapped out.
static uint64_t UseHuge(void) {
  unsigned char* const p = Map(kHuge);
  madvise(p, kHuge, MADV_HUGEPAGE);  // advice: it may be refused
  for (size_t i = 0; i < kHuge; i += kGuard) {
    p[i] = (unsigned char)(i / kGuard);
  }
  madvise(p, 4 * kGuard, MADV_PAGEOUT);
  uint64_t sum = 0;
  for (size_t i = 0; i < kHuge; i += kGuard) {
    sum = sum * 31 + p[i];
  }
  munmap(p, kHuge);
  return sum;
}

int main(void) {
  pthread_t threads[kThreads];
  uint64_t results[kThreads];
  pthread_barrier_init(&g_barrier, NULL, kThreads);
  for (int i = 0; i < kThreads; i++) {
    results[i] = (uint64_t)i + 1;
    if (pthread_create(&threads[i], NULL, Work, &results[i]) != 0) {
      OutOfMemory("pthread_create");
    }
  }
  uint64_t sum = UseHuge();
  for (int i = 0; i < kThreads; i++) {
    pthread_join(threads[i], NULL);
    sum = sum * 31 + results[i];
  }
  printf("sum %016llx\n", (unsigned long long)sum);
  return 0;
}
