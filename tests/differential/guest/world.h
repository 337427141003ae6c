#ifndef FAULTLINE_TESTS_DIFFERENTIAL_WORLD_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_WORLD_H_

// The small world that a sequence of memory calls is played in: an arena of
// addresses, a part of the heap, a few files, and up to four processes that
// take turns. Everything is named so that it looks the same wherever the
// kernel put it:
//
//   A        the arena, 2 MiB aligned. All from A - kBelow to A + arena_size
//            is free at the start, and what the kernel places itself comes
//            right below A + arena_size: all holes above are filled beforehand.
//   H        a page-aligned program break somewhat above the first one
//   V        scratch memory that the calls may write to, outside the arena
//   file[i], segment[i], name[i]
//   self     this process's slot; 0 is the first process
//
// A world of huge pages has a larger arena, and steps that reach further. When
// memory comes in huge pages is for Linux to say, so in that world nothing is
// told of what is resident. A world of userfaults has small pages, and threads
// that serve the faults of some (manager.h).
//
// Header-only and without a library, because what reproduces a difference is
// this file, the three that build on it, and one line for each step.

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/differential/guest/newer.h"

enum {
  kPage = 4096,
  kBelow = 1 << 30,
  kHeap = 64 * kPage,
  kHuge = 2 << 20,
  kProcesses = 4,
  kFiles = 8,
  kSegments = 2,
};

struct Shared {
  int done;                 // steps performed by anyone
  int step;                 // the number of the one that is performed
  int waiting[kProcesses];  // the step each waits to perform
  int pid[kProcesses];      // 0: no such process now
  size_t used;              // bytes of `text`
  char text[1 << 18];       // what is still to be written
};

enum World { kSmallPages, kHugePages, kUserfaults };

static char *A, *H, *V;
// Whether memory of the heap has been moved elsewhere, perhaps with its tables.
static bool heap_moved;
static enum World world;
static bool may_lock;  // CAP_IPC_LOCK is kept
static long arena_size = 96 * kPage;
static int file[kFiles], segment[kSegments];
static const char* const name[] = {"red", "blue", "", "[bad]", NULL};
static int self;
static int ordinal = -1;  // of the step that is looked at
static struct Shared* shared;

// What the last Load or Store raised; signal 0 if nothing.
static struct {
  volatile int signal, code;
  char* volatile address;
  volatile bool expected;  // one of them is at it
} fault;
static jmp_buf fault_return;

static inline void Die(const char* why) {
  if (shared) (void)!write(1, shared->text, shared->used);
  (void)!write(1, why, strlen(why));
  _exit(3);
}

static inline void OnFault(int number, siginfo_t* info, void* context) {
  (void)context;
  if (!fault.expected) Die("a fault outside of a step\n");
  fault.expected = false;
  fault.signal = number;
  fault.code = info->si_code;
  fault.address = info->si_addr;
  _longjmp(fault_return, 1);
}

static inline void Flush(void) {
  size_t done = 0;
  while (done < shared->used) {
    ssize_t n = write(1, shared->text + done, shared->used - done);
    if (n <= 0) _exit(4);
    done += (size_t)n;
  }
  shared->used = 0;
}

// --- turns -------------------------------------------------------------------

// True in the one process that is to perform the next step, when it is due;
// it then calls EndTurn(). All other processes pass over the step at once.
static inline bool Turn(int actor) {
  ordinal++;
  if (actor != self) return false;
  __atomic_store_n(&shared->waiting[self], ordinal, __ATOMIC_SEQ_CST);
  struct timespec limit = {20, 0};
  for (;;) {
    int done = __atomic_load_n(&shared->done, __ATOMIC_SEQ_CST);
    if (done == ordinal) return true;
    if (syscall(SYS_futex, &shared->done, FUTEX_WAIT, done, &limit) != 0 &&
        errno == ETIMEDOUT) {
      Die("a process waits in vain for its turn\n");
    }
  }
}

static inline void EndTurn(void) {
  int next = ordinal + 1;
  __atomic_store_n(&shared->done, next, __ATOMIC_SEQ_CST);
  for (int i = 0; i < kProcesses; i++) {
    if (i != self &&
        __atomic_load_n(&shared->waiting[i], __ATOMIC_SEQ_CST) == next) {
      syscall(SYS_futex, &shared->done, FUTEX_WAKE, kProcesses);
    }
  }
}

// --- the start ---------------------------------------------------------------

static inline void* Reserve(size_t size, int prot, int flags) {
  void* area = mmap(NULL, size, prot, flags | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) Die("no memory\n");
  return area;
}

static inline void MakeArena(void) {
  const size_t size = (size_t)(kBelow + arena_size + 2 * kHuge);
  char* low = Reserve(size, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
  A = (char*)(((uintptr_t)low + kBelow + kHuge - 1) & -(uintptr_t)kHuge);
  // The barrier is of a kind that merges with nothing.
  char* end = A + arena_size;
  mmap(end, (size_t)(low + size - end), PROT_NONE,
       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  for (size_t hole = (size_t)1 << 32; hole >= kPage; hole /= 2) {
    for (;;) {
      char* filler = Reserve(hole, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
      if (filler > A) continue;
      munmap(filler, hole);
      break;
    }
  }
  munmap(low, (size_t)(end - low));
}

static inline void MakeFiles(void) {
  file[0] = (int)syscall(SYS_memfd_create, "sealable", MFD_ALLOW_SEALING);
  file[1] = (int)syscall(SYS_memfd_create, "plain", 0);
  file[2] = open("/dev/zero", O_RDWR);
  char path[] = "/proc/self/fd/\0";
  path[14] = (char)('0' + file[1]);
  file[3] = open(path, O_RDONLY);
  int ends[2];
  if (pipe(ends)) Die("no pipe\n");
  file[4] = ends[0];  // cannot be mapped
  file[5] = -1;
  file[6] = open(path, O_WRONLY);
  file[7] = (int)syscall(SYS_memfd_create, "noexec", MFD_NOEXEC_SEAL);
  char page[kPage];
  for (int i = 0; i < 8; i++) {
    memset(page, 'a' + i, sizeof page);
    (void)!write(file[0], page, sizeof page);
    (void)!write(file[1], page, i < 3 ? sizeof page : 512);
  }
  for (int i = 0; i < kSegments; i++) {
    segment[i] = shmget(IPC_PRIVATE, (size_t)(4 + 3 * i) * kPage, 0600);
  }
}

// Marks the segments for removal: the last process to detach takes them along.
static inline void RemoveSegments(void) {
  for (int i = 0; i < kSegments; i++) shmctl(segment[i], IPC_RMID, NULL);
}

static inline void DropIpcLock(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  syscall(SYS_capget, &header, data);
  data[0].effective &= ~(1u << CAP_IPC_LOCK);
  syscall(SYS_capset, &header, data);
}

// `privileged`: whether CAP_IPC_LOCK is kept, which lifts RLIMIT_MEMLOCK.
static inline void MakeWorld(enum World kind, bool privileged) {
  world = kind;
  if (world == kHugePages) arena_size = 16 * kHuge;
  // The stack is not to grow when its limit is the subject of a step.
  volatile char stack[256 << 10];
  for (size_t i = 0; i < sizeof stack; i += kPage) stack[i] = 1;
  prctl(PR_SET_THP_DISABLE, world != kHugePages, 0, 0, 0);
  signal(SIGCHLD, SIG_IGN);
  shared = Reserve(sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED);
  V = Reserve(64 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_POPULATE);
  shared->pid[0] = getpid();
  for (int i = 0; i < kProcesses; i++) shared->waiting[i] = -1;
  // Less than the program itself takes, which is not the same everywhere, and
  // no more than a machine may allow at most.
  const rlim_t lockable = world == kHugePages ? 5 << 20 : 2 << 20;
  struct rlimit locked = {lockable, lockable};
  if (setrlimit(RLIMIT_MEMLOCK, &locked)) Die("no limit\n");
  H = (char*)(((uintptr_t)sbrk(0) + 17 * kPage) & -(uintptr_t)kPage);
  syscall(SYS_brk, H);
  MakeArena();
  MakeFiles();
  struct sigaction action = {.sa_sigaction = OnFault,
                             .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  may_lock = privileged;
  if (!privileged) DropIpcLock();
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_WORLD_H_
