// A program that lives from its faults: a memory of its own filled in by a
// SIGSEGV handler, a file that SIGBUS makes longer, a stack that overflows on
// to an alternate one, checks by trial, and jumps out of all of them.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { kPage = 4096, kPages = 256 };

static char* g_arena;
static int g_file = -1;
static long g_segv, g_bus, g_overflows;
static sigjmp_buf g_escape;
static volatile sig_atomic_t g_escaping;

// Fills each page of the arena with its own number when it is first touched.
static void OnFault(int signal, siginfo_t* info, void* context) {
  (void)context;
  char* address = info->si_addr;
  if (g_escaping) siglongjmp(g_escape, signal);
  if (signal == SIGBUS) {
    g_bus++;
    if (ftruncate(g_file, (g_bus * 16) * kPage) != 0) abort();
    return;
  }
  if (address < g_arena || address >= g_arena + kPages * kPage) abort();
  g_segv++;
  long page = (address - g_arena) / kPage;
  char* start = g_arena + page * kPage;
  if (mprotect(start, kPage, PROT_READ | PROT_WRITE) != 0) abort();
  memset(start, (int)(page & 0x7f), kPage);
}

static void FillByFaults(void) {
  g_arena =
      mmap(NULL, kPages * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  long sum = 0;
  for (long i = 0; i < kPages; i++) {
    long page = (i * 101) % kPages;  // not in order
    sum += g_arena[page * kPage + i];
  }
  memmove(g_arena + 100, g_arena + 3 * kPage, 2 * kPage);
  printf("arena: %ld faults, sum %ld, moved %d\n", g_segv, sum, g_arena[200]);
}

static void GrowByFaults(void) {
  char name[] = "/tmp/faults.XXXXXX";
  g_file = mkstemp(name);
  if (g_file < 0) abort();
  unlink(name);
  char* map =
      mmap(NULL, 64 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, g_file, 0);
  for (int i = 0; i < 64; i++) map[i * kPage] = (char)i;
  long sum = 0;
  for (int i = 0; i < 64; i++) sum += map[i * kPage];
  printf("file: %ld faults, sum %ld\n", g_bus, sum);
}

#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static long Recurse(volatile long* outer) {
  volatile long frame[64];
  frame[0] = *outer + 1;
  return Recurse(frame) + frame[0];
}

static void OverflowStack(void) {
  static char altstack[65536];
  stack_t stack = {.ss_sp = altstack, .ss_size = sizeof altstack};
  sigaltstack(&stack, NULL);
  struct rlimit limit = {1 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &limit);
  g_escaping = 1;
  for (volatile int i = 0; i < 20; i++) {
    if (sigsetjmp(g_escape, 1) == 0) {
      volatile long zero = 0;
      Recurse(&zero);
    }
    g_overflows++;
  }
  printf("stack: %ld overflows\n", g_overflows);
}

// Which of the pages around the arena's end can be read.
static void Probe(void) {
  char* end = g_arena + kPages * kPage;
  munmap(end - 3 * kPage, kPage);
  mprotect(end - 2 * kPage, kPage, PROT_NONE);
  char found[6] = {0};
  for (volatile int i = 0; i < 5; i++) {
    if (sigsetjmp(g_escape, 1) == 0) {
      (void)*(volatile char*)(end - (5 - i) * kPage);
      found[i] = 'r';
    } else {
      found[i] = '-';
    }
  }
  printf("probe: %s\n", found);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = OnFault,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  FillByFaults();
  GrowByFaults();
  OverflowStack();
  Probe();
}
