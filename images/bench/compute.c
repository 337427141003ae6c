// A sieve, a matrix product and a byte hash in a working set that fits every
// cache, without a system call until the end: nothing but the speed of
// translated code. Freestanding, so that bare Unicorn can run it as it is.
#include <stdint.h>

enum { kSieve = 1 << 15, kMatrix = 48, kText = 1 << 14, kRounds = 1000 };

static uint8_t composite[kSieve];
static uint32_t left[kMatrix][kMatrix];
static uint32_t right[kMatrix][kMatrix];
static uint32_t product[kMatrix][kMatrix];
static uint8_t text[kText];

__attribute__((noinline)) static uint32_t Sieve(void) {
  uint32_t primes = 0;
  for (uint32_t i = 2; i < kSieve; i++) {
    composite[i] = 0;
  }
  for (uint32_t i = 2; i < kSieve; i++) {
    if (composite[i]) {
      continue;
    }
    primes++;
    for (uint32_t j = 2 * i; j < kSieve; j += i) {
      composite[j] = 1;
    }
  }
  return primes;
}

__attribute__((noinline)) static uint32_t Multiply(uint32_t seed) {
  for (int i = 0; i < kMatrix; i++) {
    for (int j = 0; j < kMatrix; j++) {
      left[i][j] = seed + i * 31 + j;
      right[i][j] = seed ^ (i + j * 17);
      product[i][j] = 0;
    }
  }
  for (int i = 0; i < kMatrix; i++) {
    for (int k = 0; k < kMatrix; k++) {
      for (int j = 0; j < kMatrix; j++) {
        product[i][j] += left[i][k] * right[k][j];
      }
    }
  }
  return product[seed % kMatrix][(seed / kMatrix) % kMatrix];
}

__attribute__((noinline)) static uint32_t Hash(uint32_t seed) {
  uint32_t hash = 2166136261u;
  for (int i = 0; i < kText; i++) {
    text[i] = (uint8_t)(text[i] + seed + i);
    hash = (hash ^ text[i]) * 16777619u;
  }
  return hash;
}

static void Exit(int status);

void _start(void) {
  uint32_t seed = 1;
  for (int round = 0; round < kRounds; round++) {
    seed = Multiply(seed + Sieve()) ^ Hash(seed);
  }
  Exit(seed == 0);
}

#ifdef __x86_64__
static void Exit(int status) {
  __asm__ volatile("syscall" ::"a"(231), "D"(status) : "rcx", "r11", "memory");
  __builtin_unreachable();
}
#else
static void Exit(int status) {
  register long x8 __asm__("x8") = 94;
  register long x0 __asm__("x0") = status;
  __asm__ volatile("svc #0" ::"r"(x8), "r"(x0) : "memory");
  __builtin_unreachable();
}
#endif
