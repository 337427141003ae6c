// What goes wrong in some orders of events only. orders WHAT:
//   race   two threads add one to a counter, with nothing between the load and
//          the store that the kernel could see
//   spin   two threads each set their bit, in two steps; who waits for both
//          bits may wait for ever
//   stuck  two threads take two locks, in different orders
//   early  a thread whose system call fails forgets to unlock
// Covers: plugin/inject/loaded_symbol.cc
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile int counter;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

__attribute__((noinline)) void AddOne(void) { counter = counter + 1; }

static void* Race(void* unused) {
  (void)unused;
  AddOne();
  return NULL;
}

static void* SetBit(void* bit) {
  const int seen = counter;
  getppid();
  counter = seen | *(int*)bit;
  return NULL;
}

static void* Both(void* locks) {
  pthread_mutex_t** const lock = locks;
  pthread_mutex_lock(lock[0]);
  getppid();
  pthread_mutex_lock(lock[1]);
  ++counter;
  pthread_mutex_unlock(lock[1]);
  pthread_mutex_unlock(lock[0]);
  return NULL;
}

static void* Early(void* unused) {
  struct rusage usage;
  (void)unused;
  pthread_mutex_lock(&a);
  if (getrusage(RUSAGE_SELF, &usage) != 0) {
    return NULL;
  }
  pthread_mutex_unlock(&a);
  return NULL;
}

int main(int argc, char** argv) {
  static int bits[2] = {1, 2};
  static pthread_mutex_t* orders[2][2] = {{&a, &b}, {&b, &a}};
  const char* const what = argc > 1 ? argv[1] : "";
  pthread_t thread;
  if (strcmp(what, "race") == 0) {
    pthread_create(&thread, NULL, Race, NULL);
    Race(NULL);
    pthread_join(thread, NULL);
  } else if (strcmp(what, "spin") == 0) {
    pthread_create(&thread, NULL, SetBit, &bits[0]);
    SetBit(&bits[1]);
    while (counter != 3) {
      sched_yield();
    }
    pthread_join(thread, NULL);
  } else if (strcmp(what, "stuck") == 0) {
    pthread_create(&thread, NULL, Both, orders[0]);
    Both(orders[1]);
    pthread_join(thread, NULL);
  } else if (strcmp(what, "early") == 0) {
    pthread_create(&thread, NULL, Early, NULL);
    pthread_join(thread, NULL);
    pthread_mutex_lock(&a);
  } else {
    return 2;
  }
  printf("%d\n", counter);
  return 0;
}
