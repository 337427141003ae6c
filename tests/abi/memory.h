#ifndef FAULTLINE_TESTS_ABI_MEMORY_H_
#define FAULTLINE_TESTS_ABI_MEMORY_H_

// Mappings made short, and accesses that tell which fault they raised.

#include <setjmp.h>

#include "check.h"

enum { kPage = 4096, kReadWrite = PROT_READ | PROT_WRITE };

// `pages` pages of private anonymous memory.
static inline char* Anonymous(size_t pages, int prot) {
  return (char*)MUST(
      mmap(NULL, pages * kPage, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

// The same with an unmapped page on either side, so that it never merges.
static inline char* Island(size_t pages, int prot) {
  char* area = Anonymous(pages + 2, prot);
  MUST(munmap(area, kPage));
  MUST(munmap(area + (pages + 1) * kPage, kPage));
  return area + kPage;
}

// A memfd of `pages` pages; page i is filled with the letter 'A' + i.
static inline int LetterFile(int pages) {
  int fd = MUST(memfd_create("letters", 0));
  char page[kPage];
  for (int i = 0; i < pages; i++) {
    memset(page, 'A' + i, sizeof page);
    CHECK_EQ(write(fd, page, sizeof page), kPage);
  }
  return fd;
}

// What an access raised: signal 0 if nothing.
struct Fault {
  int signal;
  int code;
  void* address;
};

static sigjmp_buf g_fault_return;
static volatile struct Fault g_fault;

static inline void OnFault(int signal, siginfo_t* info, void* context) {
  (void)context;
  g_fault = (struct Fault){signal, info->si_code, info->si_addr};
  siglongjmp(g_fault_return, 1);
}

static inline struct Fault Access(volatile char* address, bool write) {
  struct sigaction action = {.sa_sigaction = OnFault, .sa_flags = SA_SIGINFO};
  struct sigaction old_segv, old_bus;
  MUST(sigaction(SIGSEGV, &action, &old_segv));
  MUST(sigaction(SIGBUS, &action, &old_bus));
  g_fault = (struct Fault){0, 0, NULL};
  if (sigsetjmp(g_fault_return, 1) == 0) {
    if (write) {
      *address = 'w';
    } else {
      (void)*address;
    }
  }
  MUST(sigaction(SIGSEGV, &old_segv, NULL));
  MUST(sigaction(SIGBUS, &old_bus, NULL));
  return g_fault;
}

static inline struct Fault Read(void* address) {
  return Access(address, false);
}
// Stores a 'w'.
static inline struct Fault Write(void* address) {
  return Access(address, true);
}

#define CHECK_FAULT(fault, want_signal, want_code, want_address)         \
  do {                                                                   \
    struct Fault check_fault = (fault);                                  \
    CHECK_EQ(check_fault.signal, want_signal);                           \
    CHECK_EQ(check_fault.code, want_code);                               \
    CHECK_EQ((uintptr_t)check_fault.address, (uintptr_t)(want_address)); \
  } while (0)
#define CHECK_NO_FAULT(fault) CHECK_EQ((fault).signal, 0)

// How many of the `pages` pages from `start` mincore() calls resident.
static inline int Resident(void* start, size_t pages) {
  unsigned char vector[pages];
  MUST(mincore(start, pages * kPage, vector));
  int resident = 0;
  for (size_t i = 0; i < pages; i++) resident += vector[i] & 1;
  return resident;
}

#endif  // FAULTLINE_TESTS_ABI_MEMORY_H_
