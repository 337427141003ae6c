#ifndef FAULTLINE_IMAGES_BENCH_BENCH_H_
#define FAULTLINE_IMAGES_BENCH_BENCH_H_

// Shared by the memory benchmarks. They take counts as arguments and measure
// nothing themselves: whoever runs them compares two runs that differ in one
// count, so start-up and set-up cancel out.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { kPage = 4096, kHuge = 2 << 20 };

static inline size_t Count(char** argv, int i) {
  if (argv[i] == NULL) {
    fprintf(stderr, "too few arguments\n");
    exit(2);
  }
  return strtoul(argv[i], NULL, 10);
}

// `pages` pages of anonymous memory that will not become huge pages.
static inline char* Map(size_t pages) {
  void* p = mmap(NULL, pages * kPage, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  madvise(p, pages * kPage, MADV_NOHUGEPAGE);
  return (char*)p;
}

// `regions` regions of 2 MiB, each of which one huge page can hold. What lies
// around them stays mapped, and empty.
static inline char* MapHuge(size_t regions) {
  char* p = mmap(NULL, (regions + 1) * kHuge, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  p += -(uintptr_t)p % kHuge;
  if (madvise(p, regions * kHuge, MADV_HUGEPAGE) != 0) {
    perror("MADV_HUGEPAGE");
    exit(1);
  }
  return p;
}

static inline void Write(char* page) { *(volatile char*)page = 1; }
static inline void Read(const char* page) { (void)*(volatile const char*)page; }

#endif  // FAULTLINE_IMAGES_BENCH_BENCH_H_
