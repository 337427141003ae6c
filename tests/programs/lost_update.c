// Two threads add one to a counter in two steps, with a system call between:
// most schedules count both. Prints what was counted.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static volatile int counter;

static void* Add(void* unused) {
  (void)unused;
  const int seen = counter;
  getppid();
  counter = seen + 1;
  return NULL;
}

int main(void) {
  pthread_t other;
  pthread_create(&other, NULL, Add, NULL);
  Add(NULL);
  pthread_join(other, NULL);
  printf("%d\n", counter);
  return 0;
}
