#ifndef FAULTLINE_TESTS_ABI_UFFD_THREADS_H_
#define FAULTLINE_TESTS_ABI_UFFD_THREADS_H_

// Threads that fault in memory under userfaultfd, and threads that serve them.

#include <pthread.h>

#include "tests/abi/uffd.h"

// A thread that touches one byte, and what it met.
struct Toucher {
  char* address;
  bool write;
  pthread_t thread;
  volatile pid_t tid;
  volatile bool over;
  char seen;  // what it read; of a write, what is there afterwards
};
static inline void* RunToucher(void* argument) {
  struct Toucher* t = (struct Toucher*)argument;
  t->tid = (pid_t)syscall(SYS_gettid);
  if (t->write) *(volatile char*)t->address = 'w';
  t->seen = *(volatile char*)t->address;
  t->over = true;
  return NULL;
}
static inline void StartTouch(struct Toucher* t, char* address, bool write) {
  *t = (struct Toucher){.address = address, .write = write};
  CHECK_EQ(pthread_create(&t->thread, NULL, RunToucher, t), 0);
}
static inline void StartLoad(struct Toucher* t, char* address) {
  StartTouch(t, address, false);
}
static inline void StartStore(struct Toucher* t, char* address) {
  StartTouch(t, address, true);
}
static inline char Seen(struct Toucher* t) {
  CHECK_EQ(pthread_join(t->thread, NULL), 0);
  return t->seen;
}
// Its fault has been read, and nothing has answered: it cannot go on. (The nap
// gives a wrong kernel time to show; it never fails a right one.)
static inline bool StillWaits(const struct Toucher* t) {
  usleep(5000);
  return !t->over;
}

// A thread that answers `faults` missing faults with pages of one letter.
struct Filler {
  int u, faults;
  char letter;
  pthread_t thread;
  struct uffd_msg last;
};
static inline void* RunFiller(void* argument) {
  struct Filler* f = (struct Filler*)argument;
  char page[kPage];
  memset(page, f->letter, sizeof page);
  for (int i = 0; i < f->faults; i++) {
    f->last = NextMessage(f->u);
    CHECK_EQ(f->last.event, UFFD_EVENT_PAGEFAULT);
    uintptr_t address = f->last.arg.pagefault.address & ~(kPage - 1ul);
    CHECK_DONE(Copy(f->u, (char*)address, page, kPage, 0), kPage);
  }
  return NULL;
}
static inline void StartFiller(struct Filler* f, int u, int faults,
                               char letter) {
  *f = (struct Filler){.u = u, .faults = faults, .letter = letter};
  CHECK_EQ(pthread_create(&f->thread, NULL, RunFiller, f), 0);
}
// It has answered all of them, and there are no more.
static inline void FinishFiller(struct Filler* f) {
  CHECK_EQ(pthread_join(f->thread, NULL), 0);
  CHECK(!HasMessage(f->u));
}

// A thread that reads one message, for those who wait until it is read.
struct Reader {
  int u;
  pthread_t thread;
  struct uffd_msg message;
};
static inline void* RunReader(void* argument) {
  struct Reader* r = (struct Reader*)argument;
  r->message = NextMessage(r->u);
  return NULL;
}
static inline void StartReader(struct Reader* r, int u) {
  r->u = u;
  CHECK_EQ(pthread_create(&r->thread, NULL, RunReader, r), 0);
}
static inline struct uffd_msg ReadMessage(struct Reader* r) {
  CHECK_EQ(pthread_join(r->thread, NULL), 0);
  return r->message;
}

#endif  // FAULTLINE_TESTS_ABI_UFFD_THREADS_H_
