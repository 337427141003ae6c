// What a debugger is shown (docs/gdb.md): stores, signals, system calls,
// threads, a fork, an exec, a fault, memory tags, and no end. Each function is
// a place to stop at.

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int watched;
volatile long sum;
volatile int handled;
char path[4096];
volatile long spins;
volatile int spun;
volatile char* tagged;
static volatile char page_of[8192];

__attribute__((noinline)) void store(int value) { watched = value; }

__attribute__((noinline)) long add(long n) {
  for (long i = 0; i < n; i++) {
    sum += i;
  }
  return sum;
}

__attribute__((noinline)) void reached(const char* what) {
  write(1, what, strlen(what));
}

static void on_signal(int signo) { handled += signo; }

static void* work(void* argument) {
  for (int i = 0; i < 3; i++) {
    add((long)argument);
  }
  reached("thread\n");
  return 0;
}

__attribute__((noinline)) void child_part(void) {
  store(99);
  reached("child\n");
}

#if defined(__aarch64__)
#include <sys/prctl.h>
__attribute__((noinline)) void tag_memory(void) {
  prctl(55 /* PR_SET_TAGGED_ADDR_CTRL */, 1 | (1 << 1) | (0xfffeul << 3), 0, 0,
        0);
  char* p = mmap(0, 4096, PROT_READ | PROT_WRITE | 0x20,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  p[0] = 1;
  p = (char*)((uintptr_t)p | (uintptr_t)5 << 56);
  __asm__ volatile(".arch armv8.5-a+memtag\n stg %0, [%0]"
                   :
                   : "r"(p)
                   : "memory");
  tagged = p;
}
#else
__attribute__((noinline)) void tag_memory(void) { tagged = page_of; }
#endif

__attribute__((noinline)) void spin(void) {
  while (!spun) {
    spins++;
  }
}

__attribute__((noinline)) void getting(void) {
  if (!getcwd(path, sizeof path)) {
    exit(3);
  }
}

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "again") == 0) {
    reached("again\n");
    return 7;
  }
  store(1);
  store(2);
  add(1000);
  store(3);
  reached("stores\n");
  getting();
  signal(SIGUSR1, on_signal);
  raise(SIGUSR1);
  tag_memory();
  reached("signals\n");
  pthread_t threads[2];
  for (long i = 0; i < 2; i++) {
    pthread_create(&threads[i], 0, work, (void*)(10 + i));
  }
  for (int i = 0; i < 2; i++) {
    pthread_join(threads[i], 0);
  }
  if (argc > 1 && strcmp(argv[1], "spin") == 0) {
    spin();
  }
  const pid_t child =
      argc > 1 && strcmp(argv[1], "vfork") == 0 ? vfork() : fork();
  if (child == 0) {
    child_part();
    execl("/proc/self/exe", argv[0], "again", (char*)0);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  reached("parent\n");
  store(4);
  if (argc > 1 && strcmp(argv[1], "crash") == 0) {
    *(volatile int*)16 = 5;
  }
  return WEXITSTATUS(status);
}
