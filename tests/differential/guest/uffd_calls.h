#ifndef FAULTLINE_TESTS_DIFFERENTIAL_UFFD_CALLS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_UFFD_CALLS_H_

// What steps call of userfaultfd. The first registration makes the descriptor
// and its thread.

#include "tests/differential/guest/manager.h"

enum { kUntouched = 0x5555 };

// What the request's last field says, if it was written; else -1 and errno.
static inline long Request(unsigned long request, void* argument,
                           const int64_t* field) {
  if (uffd == 0) {
    errno = EBADF;
    return -1;
  }
  const int failed = ioctl(uffd, request, argument);
  if (field == NULL || *field == kUntouched) return failed;
  errno = 0;
  return (long)*field;
}

static inline long Watch(char* start, long size, long modes) {
  struct uffdio_register r = {
      {(uintptr_t)start, (uint64_t)size}, (uint64_t)modes, kUntouched};
  if (uffd == 0) StartManager();
  return Request(UFFDIO_REGISTER, &r, (const int64_t*)&r.ioctls);
}
static inline long Unwatch(char* start, long size) {
  struct uffdio_range r = {(uintptr_t)start, (uint64_t)size};
  return Request(UFFDIO_UNREGISTER, &r, NULL);
}
static inline long WakeUp(char* start, long size) {
  struct uffdio_range r = {(uintptr_t)start, (uint64_t)size};
  return Request(UFFDIO_WAKE, &r, NULL);
}
static inline long WriteProtect(char* start, long size, long mode) {
  struct uffdio_writeprotect r = {{(uintptr_t)start, (uint64_t)size},
                                  (uint64_t)mode};
  return Request(UFFDIO_WRITEPROTECT, &r, NULL);
}
static inline long FillCopy(char* to, char* from, long size, long mode) {
  struct uffdio_copy r = {(uintptr_t)to, (uintptr_t)from, (uint64_t)size,
                          (uint64_t)mode, kUntouched};
  return Request(UFFDIO_COPY, &r, (const int64_t*)&r.copy);
}
static inline long FillZero(char* start, long size, long mode) {
  struct uffdio_zeropage r = {
      {(uintptr_t)start, (uint64_t)size}, (uint64_t)mode, kUntouched};
  return Request(UFFDIO_ZEROPAGE, &r, (const int64_t*)&r.zeropage);
}
static inline long FillContinue(char* start, long size, long mode) {
  struct uffdio_continue r = {
      {(uintptr_t)start, (uint64_t)size}, (uint64_t)mode, kUntouched};
  return Request(UFFDIO_CONTINUE, &r, (const int64_t*)&r.mapped);
}
static inline long FillPoison(char* start, long size, long mode) {
  struct PoisonRequest r = {(uintptr_t)start, (uint64_t)size, (uint64_t)mode,
                            kUntouched};
  return Request(POISON_REQUEST, &r, &r.updated);
}
static inline long MovePages(char* to, char* from, long size, long mode) {
  struct MoveRequest r = {(uintptr_t)to, (uintptr_t)from, (uint64_t)size,
                          (uint64_t)mode, kUntouched};
  return Request(MOVE_REQUEST, &r, &r.move);
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_UFFD_CALLS_H_
