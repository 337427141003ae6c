#ifndef FAULTLINE_TESTS_ABI_CHECK_H_
#define FAULTLINE_TESTS_ABI_CHECK_H_

// What an ABI test is written with. A test is a plain Linux program: it exits
// with 0 if the system behaves, or prints "FILE:LINE: what was wrong" and
// exits with 1. Ok() says what has been shown so far.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Also from a forked child: its exit status says 1, and the parent must look.
#define FAIL(...)                                                  \
  do {                                                             \
    int fail_errno = errno;                                        \
    printf("%s:%d: ", __FILE__, __LINE__);                         \
    printf(__VA_ARGS__);                                           \
    printf(" [errno %d, %s]\n", fail_errno, strerror(fail_errno)); \
    fflush(stdout);                                                \
    _exit(1);                                                      \
  } while (0)

#define CHECK(condition)                      \
  do {                                        \
    if (!(condition)) FAIL("%s", #condition); \
  } while (0)

// Integers or pointers; prints both when they differ.
#define CHECK_EQ(actual, expected)                                        \
  do {                                                                    \
    long long check_actual = (long long)(actual);                         \
    long long check_expected = (long long)(expected);                     \
    if (check_actual != check_expected)                                   \
      FAIL("%s is %lld (%#llx), not %lld (%#llx)", #actual, check_actual, \
           check_actual, check_expected, check_expected);                 \
  } while (0)

// The value of `call`, which must not be -1 (nor MAP_FAILED, which equals it).
#define MUST(call)                                            \
  ({                                                          \
    __typeof__(call) must_value = (call);                     \
    if ((intptr_t)must_value == -1) FAIL("%s failed", #call); \
    must_value;                                               \
  })

// `call` must return -1 and set errno to `error`.
#define CHECK_FAILS(call, error)                                      \
  do {                                                                \
    errno = 0;                                                        \
    intptr_t fails_value = (intptr_t)(call);                          \
    if (fails_value != -1)                                            \
      FAIL("%s is %ld, not -1", #call, (long)fails_value);            \
    if (errno != (error)) FAIL("%s: errno is not %s", #call, #error); \
  } while (0)

static inline void Ok(const char* what) {
  printf("ok %s\n", what);
  fflush(stdout);
}

// Runs `body` in a forked child, whose exit status is 0 if it returns; the
// wait status.
static inline int RunChild(void (*body)(void)) {
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    body();
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  return status;
}

#endif  // FAULTLINE_TESTS_ABI_CHECK_H_
