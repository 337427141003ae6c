#ifndef FAULTLINE_TESTS_ABI_UFFD_H_
#define FAULTLINE_TESTS_ABI_UFFD_H_

// userfaultfd made short: descriptors, the ioctls and what they answer,
// messages, pagemap. Lengths are in bytes. Threads that fault and threads that
// serve are in uffd_threads.h.

#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

// What the headers of Linux 6.1 lack.
enum {
  kFeatureWpUnpopulated = 1 << 13,
  kFeaturePoison = 1 << 14,
  kFeatureWpAsync = 1 << 15,
  kFeatureMove = 1 << 16,
  kAllFeatures = (1 << 17) - 1,

  kContinueWp = 1 << 1,
  kMoveAllowSrcHoles = 1 << 1,
};
struct PoisonRequest {
  uint64_t start, len, mode;
  int64_t updated;
};
struct MoveRequest {
  uint64_t dst, src, len, mode;
  int64_t move;
};
#define POISON_IOCTL _IOWR(UFFDIO, 0x08, struct PoisonRequest)
#define MOVE_IOCTL _IOWR(UFFDIO, 0x05, struct MoveRequest)
enum { kIoctlMove = 1 << 5, kIoctlPoison = 1 << 8 };

enum {
  kMissing = UFFDIO_REGISTER_MODE_MISSING,
  kWp = UFFDIO_REGISTER_MODE_WP,
  kMinor = UFFDIO_REGISTER_MODE_MINOR,
  kProtect = UFFDIO_WRITEPROTECT_MODE_WP,
  kDontWake = 1,    // of COPY, ZEROPAGE, CONTINUE, POISON and MOVE
  kLoadFlags = 0,   // of a page fault's message: a read of a missing page
  kStoreFlags = 1,  // a write to a missing page
  kWpFlags = 3,     // a write to a protected page
  kMinorFlags = 4,  // a read of a page that the page cache has
  kMinorStore = 5,  // a write to one
};

// ---------------------------------------------------------------- descriptors

static inline int NewUffd(int flags) {
  return (int)syscall(SYS_userfaultfd, flags);
}

// The handshake: 0 or its errno.
static inline int Handshake(int u, uint64_t features) {
  struct uffdio_api api = {.api = UFFD_API, .features = features};
  return ioctl(u, UFFDIO_API, &api) == 0 ? 0 : errno;
}

// A descriptor ready for use, whose reads do not block.
static inline int Uffd(uint64_t features) {
  int u = MUST(NewUffd(O_CLOEXEC | O_NONBLOCK));
  CHECK_EQ(Handshake(u, features), 0);
  return u;
}

// --------------------------------------------------------------------- ioctls

// 0 or the errno, and the request's last field, which the kernel writes.
struct Outcome {
  int error;
  int64_t done;
};
enum { kUntouched = 123456789 };

#define CHECK_OUTCOME(outcome, want_error, want_done) \
  do {                                                \
    struct Outcome check_outcome = (outcome);         \
    CHECK_EQ(check_outcome.error, want_error);        \
    CHECK_EQ(check_outcome.done, want_done);          \
  } while (0)
// All of it, a part of it, none of it, not even tried.
#define CHECK_DONE(outcome, bytes) CHECK_OUTCOME(outcome, 0, bytes)
#define CHECK_PARTIAL(outcome, bytes) CHECK_OUTCOME(outcome, EAGAIN, bytes)
#define CHECK_REFUSED(outcome, error) CHECK_OUTCOME(outcome, error, -(error))
#define CHECK_INVALID(outcome, error) CHECK_OUTCOME(outcome, error, kUntouched)

#define UFFD_CALL(u, command, request, field)                   \
  ({                                                            \
    (request).field = kUntouched;                               \
    int call_error = ioctl(u, command, &(request)) ? errno : 0; \
    (struct Outcome){call_error, (int64_t)(request).field};     \
  })

// `done` is the mask of ioctls.
static inline struct Outcome Register(int u, const void* start, size_t len,
                                      uint64_t mode) {
  struct uffdio_register r = {.range = {(uintptr_t)start, len}, .mode = mode};
  return UFFD_CALL(u, UFFDIO_REGISTER, r, ioctls);
}
// Must succeed; the mask.
static inline uint64_t Arm(int u, const void* start, size_t len,
                           uint64_t mode) {
  struct Outcome outcome = Register(u, start, len, mode);
  CHECK_EQ(outcome.error, 0);
  return (uint64_t)outcome.done;
}
static inline int RangeCall(int u, unsigned long command, const void* start,
                            size_t len) {
  struct uffdio_range range = {(uintptr_t)start, len};
  return ioctl(u, command, &range) == 0 ? 0 : errno;
}
static inline int Unregister(int u, const void* start, size_t len) {
  return RangeCall(u, UFFDIO_UNREGISTER, start, len);
}
static inline int Wake(int u, const void* start, size_t len) {
  return RangeCall(u, UFFDIO_WAKE, start, len);
}
static inline struct Outcome Copy(int u, void* dst, const void* src, size_t len,
                                  uint64_t mode) {
  struct uffdio_copy r = {
      .dst = (uintptr_t)dst, .src = (uintptr_t)src, .len = len, .mode = mode};
  return UFFD_CALL(u, UFFDIO_COPY, r, copy);
}
static inline struct Outcome ZeroPage(int u, void* start, size_t len,
                                      uint64_t mode) {
  struct uffdio_zeropage r = {.range = {(uintptr_t)start, len}, .mode = mode};
  return UFFD_CALL(u, UFFDIO_ZEROPAGE, r, zeropage);
}
static inline struct Outcome Continue(int u, void* start, size_t len,
                                      uint64_t mode) {
  struct uffdio_continue r = {.range = {(uintptr_t)start, len}, .mode = mode};
  return UFFD_CALL(u, UFFDIO_CONTINUE, r, mapped);
}
static inline struct Outcome Poison(int u, void* start, size_t len,
                                    uint64_t mode) {
  struct PoisonRequest r = {(uintptr_t)start, len, mode, 0};
  return UFFD_CALL(u, POISON_IOCTL, r, updated);
}
static inline struct Outcome Move(int u, void* dst, const void* src, size_t len,
                                  uint64_t mode) {
  struct MoveRequest r = {(uintptr_t)dst, (uintptr_t)src, len, mode, 0};
  return UFFD_CALL(u, MOVE_IOCTL, r, move);
}
static inline int WriteProtect(int u, const void* start, size_t len,
                               uint64_t mode) {
  struct uffdio_writeprotect r = {{(uintptr_t)start, len}, mode};
  return ioctl(u, UFFDIO_WRITEPROTECT, &r) == 0 ? 0 : errno;
}

// A page of this letter; the same buffer each time.
static inline char* Letter(char letter) {
  static char page[kPage];
  memset(page, letter, kPage);
  return page;
}

// ------------------------------------------------------------------- messages

// Whether one can be read now.
static inline bool HasMessage(int u) {
  struct pollfd p = {u, POLLIN, 0};
  return MUST(poll(&p, 1, 0)) == 1 && (p.revents & POLLIN) != 0;
}
// The next one, waited for.
static inline struct uffd_msg NextMessage(int u) {
  struct uffd_msg message;
  struct pollfd p = {u, POLLIN, 0};
  do {
    CHECK_EQ(poll(&p, 1, 10000), 1);
    CHECK_EQ(p.revents, POLLIN);
    // A fault may be over (a signal, a wake) before it is read.
    errno = 0;
  } while (read(u, &message, sizeof message) == -1 && errno == EAGAIN);
  CHECK_EQ(errno, 0);
  return message;
}
#define CHECK_PAGEFAULT(got, want_address, want_flags)                        \
  do {                                                                        \
    struct uffd_msg check_message = (got);                                    \
    CHECK_EQ(check_message.event, UFFD_EVENT_PAGEFAULT);                      \
    CHECK_EQ(check_message.arg.pagefault.address, (uintptr_t)(want_address)); \
    CHECK_EQ(check_message.arg.pagefault.flags, want_flags);                  \
  } while (0)

// ----------------------------------------------------------------------- /proc

static inline uint64_t PagemapWord(const void* address) {
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  uint64_t word = 0;
  CHECK_EQ(pread(fd, &word, 8, (off_t)((uintptr_t)address / kPage * 8)), 8);
  close(fd);
  return word;
}
static inline bool IsProtected(const void* address) {
  return (PagemapWord(address) >> 57 & 1) != 0;
}
static inline bool IsPresent(const void* address) {
  return (PagemapWord(address) >> 63 & 1) != 0;
}

// Whether smaps gives the mapping that starts at `start` this flag ("um").
static inline bool HasVmFlag(const void* start, const char* flag) {
  FILE* smaps = fopen("/proc/self/smaps", "r");
  CHECK(smaps != NULL);
  char text[512], word[8];
  bool here = false, found = false;
  snprintf(word, sizeof word, " %s ", flag);
  while (fgets(text, sizeof text, smaps)) {
    void *begin, *end;
    if (sscanf(text, "%p-%p ", &begin, &end) == 2) {
      here = begin == start;
    } else if (here && strncmp(text, "VmFlags:", 8) == 0) {
      found = strstr(text, word) != NULL;
    }
  }
  fclose(smaps);
  return found;
}

// What SIGBUS from a poisoned page says: BUS_ADRERR from a kernel that was
// built without memory failures.
static inline int PoisonCode(void) {
  return madvise(NULL, 0, MADV_HWPOISON) == 0 ? BUS_MCEERR_AR : BUS_ADRERR;
}

#endif  // FAULTLINE_TESTS_ABI_UFFD_H_
