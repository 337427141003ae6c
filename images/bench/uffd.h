#ifndef FAULTLINE_IMAGES_BENCH_UFFD_H_
#define FAULTLINE_IMAGES_BENCH_UFFD_H_

// A userfaultfd over a range, and a thread that resolves its faults one by one,
// as whoever restores memory lazily does.

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

static inline void Must(int ok, const char* what) {
  if (!ok) {
    perror(what);
    exit(1);
  }
}

static inline int Register(char* p, size_t pages, uint64_t mode) {
  int u = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
  Must(u >= 0, "userfaultfd");
  struct uffdio_api api = {.api = UFFD_API};
  Must(ioctl(u, UFFDIO_API, &api) == 0, "UFFDIO_API");
  struct uffdio_register r = {.range = {(uintptr_t)p, pages * kPage},
                              .mode = mode};
  Must(ioctl(u, UFFDIO_REGISTER, &r) == 0, "UFFDIO_REGISTER");
  return u;
}

static inline void Protect(int u, const char* p, size_t pages, uint64_t mode) {
  struct uffdio_writeprotect wp = {{(uintptr_t)p, pages * kPage}, mode};
  Must(ioctl(u, UFFDIO_WRITEPROTECT, &wp) == 0, "UFFDIO_WRITEPROTECT");
}

static inline void* Handler(void* arg) {
  const int u = *(const int*)arg;
  static char page[kPage] __attribute__((aligned(kPage)));
  struct uffd_msg m;
  while (read(u, &m, sizeof m) == sizeof m) {
    char* at = (char*)(uintptr_t)(m.arg.pagefault.address & ~(kPage - 1ull));
    if (m.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP) {
      Protect(u, at, 1, 0);
    } else {
      struct uffdio_copy copy = {
          .dst = (uintptr_t)at, .src = (uintptr_t)page, .len = kPage};
      Must(ioctl(u, UFFDIO_COPY, &copy) == 0, "UFFDIO_COPY");
    }
  }
  return NULL;
}

// It ends with the program.
static inline void StartHandler(int* u) {
  pthread_t thread;
  Must(pthread_create(&thread, NULL, Handler, u) == 0, "pthread_create");
}

#endif  // FAULTLINE_IMAGES_BENCH_UFFD_H_
