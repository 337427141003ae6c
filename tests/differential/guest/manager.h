#ifndef FAULTLINE_TESTS_DIFFERENTIAL_MANAGER_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_MANAGER_H_

// In a world of userfaults each process may have a userfaultfd and a thread
// that serves it. What the thread answers depends on the seed, the step and the
// message alone, so that both sides are told the same:
//
//   a step faults -> the thread reads the message, and notes it in `told`
//   -> it answers, by an ioctl that resolves the fault or gives the page up
//   -> the step goes on; before it is reported, Settle() waits until the
//      thread has nothing left to do
//
// The thread shares the thread-local storage of the process (errno!): it calls
// no library.

#include <linux/userfaultfd.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "tests/differential/guest/look.h"
#include "tests/differential/guest/random.h"

enum { kPoisonMode = 1 << 14, kMoveMode = 1 << 16, kUnpopulated = 1 << 13 };

static uint64_t answers;    // the seed of what threads answer
static int uffd;            // 0: this process has none
static unsigned long told;  // a hash of all messages
static int ping[2], pong[2];
static char manager_stack[64 << 10] __attribute__((aligned(16)));

struct PoisonRequest {
  uint64_t start, len, mode;
  int64_t updated;
};
struct MoveRequest {
  uint64_t dst, src, len, mode;
  int64_t move;
};
#define POISON_REQUEST _IOWR(UFFDIO, 0x08, struct PoisonRequest)
#define MOVE_REQUEST _IOWR(UFFDIO, 0x05, struct MoveRequest)

// A system call that leaves errno alone; a negated error.
static inline long Raw(long number, long a, long b, long c, long d, long e) {
#ifdef __x86_64__
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
#else
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
                   : "memory");
  return x0;
#endif
}
static inline long RawRequest(unsigned long request, void* argument) {
  return Raw(SYS_ioctl, uffd, (long)request, (long)argument, 0, 0);
}

// The page is served no more: the kernel does what it would without us.
static inline long GiveUp(uint64_t page) {
  struct uffdio_range range = {page, kPage};
  return RawRequest(UFFDIO_UNREGISTER, &range);
}

static inline long AnswerMissing(struct Random* r, uint64_t page) {
  static char bytes[3 * kPage] __attribute__((aligned(kPage)));
  const uint64_t pages = (uint64_t)(OneIn(r, 4) ? 1 + Below(r, 3) : 1);
  for (size_t i = 0; i < sizeof bytes; i += 8) {
    *(uint64_t*)(bytes + i) = r->state + i / kPage;
  }
  switch (Below(r, 16)) {
    case 0:
      return GiveUp(page);
    case 1: {
      struct PoisonRequest poison = {page, kPage, 0, 0};
      return RawRequest(POISON_REQUEST, &poison);
    }
    case 2:
    case 3:
    case 4: {
      struct uffdio_zeropage zero = {.range = {page, kPage}};
      return RawRequest(UFFDIO_ZEROPAGE, &zero);
    }
    default: {
      struct uffdio_copy copy = {
          .dst = page,
          .src = (uintptr_t)bytes,
          .len = pages * kPage,
          .mode = OneIn(r, 3) ? (uint64_t)UFFDIO_COPY_MODE_WP : 0};
      const long result = RawRequest(UFFDIO_COPY, &copy);
      return copy.copy > 0 ? 0 : result;
    }
  }
}

static inline long AnswerProtected(struct Random* r, uint64_t page) {
  struct uffdio_writeprotect wp = {{page, kPage}, 0};
  return OneIn(r, 16) ? GiveUp(page) : RawRequest(UFFDIO_WRITEPROTECT, &wp);
}

static inline long AnswerMinor(struct Random* r, uint64_t page) {
  struct uffdio_continue again = {.range = {page, kPage}};
  return OneIn(r, 8) ? GiveUp(page) : RawRequest(UFFDIO_CONTINUE, &again);
}

static inline void AnswerFault(struct Random* r, const struct uffd_msg* m) {
  const uint64_t page = m->arg.pagefault.address & -(uint64_t)kPage;
  const uint64_t flags = m->arg.pagefault.flags;
  const long result = flags & UFFD_PAGEFAULT_FLAG_WP ? AnswerProtected(r, page)
                      : flags & UFFD_PAGEFAULT_FLAG_MINOR
                          ? AnswerMinor(r, page)
                          : AnswerMissing(r, page);
  told = Mix(told, (unsigned long)result);
  // Somebody was faster, or the memory is changing: the fault comes again. It
  // does so for ever where mremap fills locked memory: that goes on changing
  // until we are told of the move, which is when it has been filled.
  static int rounds;
  const bool again = result == -EEXIST || result == -EAGAIN;
  rounds = again ? rounds + 1 : 0;
  if ((result != 0 && !again) || rounds == 50) GiveUp(page);
  struct uffdio_range range = {page, kPage};
  RawRequest(UFFDIO_WAKE, &range);
}

// What an address is told apart from.
static inline uint64_t BaseOf(uint64_t address) {
  return (uintptr_t)(InHeap((char*)address) ? H : A);
}

static inline void Serve(const struct uffd_msg* m) {
  struct Random r = RandomOf(answers ^ told, (uint64_t)shared->step << 20);
  told = Mix(told, m->event);
  const bool fault_message = m->event == UFFD_EVENT_PAGEFAULT;
  const uint64_t at =
      fault_message ? m->arg.pagefault.address : m->arg.remove.start;
  told = Mix(told, at - BaseOf(at));
  if (fault_message) {
    told = Mix(told, m->arg.pagefault.flags);
    AnswerFault(&r, m);
  } else if (m->event == UFFD_EVENT_REMAP) {
    told = Mix(told, m->arg.remap.to - BaseOf(m->arg.remap.to));
    told = Mix(told, m->arg.remap.len);
  } else {
    told = Mix(told, m->arg.remove.end - at);
  }
}

static inline int Manager(void* unused) {
  (void)unused;
  for (;;) {
    struct pollfd p[2] = {{uffd, POLLIN, 0}, {ping[0], POLLIN, 0}};
    struct uffd_msg m;
    char byte;
    Raw(SYS_ppoll, (long)p, 2, 0, 0, 0);
    while (Raw(SYS_read, uffd, (long)&m, sizeof m, 0, 0) == sizeof m) {
      Serve(&m);
    }
    if (p[1].revents) {
      Raw(SYS_read, ping[0], (long)&byte, 1, 0, 0);
      Raw(SYS_write, pong[1], (long)&byte, 1, 0, 0);
    }
  }
  return 0;
}

// Until the thread has served all that there is.
static inline void Settle(void) {
  char byte = 0;
  if (uffd == 0) return;
  (void)!write(ping[1], &byte, 1);
  (void)!read(pong[0], &byte, 1);
}

static inline void StartManager(void) {
  static const uint64_t kSets[] = {
      0,
      UFFD_FEATURE_PAGEFAULT_FLAG_WP | kPoisonMode | kMoveMode,
      UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP |
          UFFD_FEATURE_EVENT_REMAP,
      UFFD_FEATURE_EVENT_REMAP | kUnpopulated,
      UFFD_FEATURE_EXACT_ADDRESS | UFFD_FEATURE_EVENT_REMOVE | kUnpopulated,
  };
  struct Random r = RandomOf(answers, (uint64_t)self);
  struct uffdio_api api = {.api = UFFD_API, .features = PICK(&r, kSets)};
  uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) || pipe(ping) || pipe(pong)) {
    Die("no userfaultfd\n");
  }
  if (clone(Manager, manager_stack + sizeof manager_stack,
            CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                CLONE_SYSVSEM,
            NULL) < 0) {
    Die("no thread\n");
  }
}

// In a child of fork: the descriptor is the parent's, and nobody serves it.
static inline void ForgetManager(void) {
  if (uffd == 0) return;
  close(uffd);
  for (int i = 0; i < 2; i++) {
    close(ping[i]);
    close(pong[i]);
  }
  uffd = 0;
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_MANAGER_H_
