// Eight threads that meet in one mutex and in the memory map: many places
// where another order is possible, and one result.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { kThreads = 8, kRounds = 4, kPage = 4096 };

static pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;
static long g_sum;

static void* Work(void* argument) {
  for (int i = 0; i < kRounds; i++) {
    char* page = mmap(NULL, kPage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[i] = (char)(intptr_t)argument;
    pthread_mutex_lock(&g_mutex);
    g_sum += page[i];
    pthread_mutex_unlock(&g_mutex);
    munmap(page, kPage);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) {
    pthread_create(&threads[i], NULL, Work, (void*)(i + 1));
  }
  for (int i = 0; i < kThreads; i++) {
    pthread_join(threads[i], NULL);
  }
  printf("sum %ld\n", g_sum);
}
