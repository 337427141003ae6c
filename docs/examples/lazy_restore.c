// A process restored lazily from a snapshot file over userfaultfd, with its
// writes tracked so that the next snapshot saves only what has changed.
// docs/lazy_restore.md walks through it.
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kPages = 256, kPage = 4096 };
static const uint64_t kFeatures =
    UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_EVENT_REMOVE;

// What the pager knows of a page of the restored memory.
enum State { kInSnapshot, kPresent, kGone };

static char* memory;     // the restored process's
static int snapshot;     // the file it comes from
static int uffd;         // where its faults come to
static int stop_reader;  // written to, it ends the pager
static enum State state[kPages];
static char dirty[kPages];  // written since the last snapshot
static int fetched;

static void Must(int ok, const char* what) {
  if (!ok) {
    perror(what);
    exit(1);
  }
}

static size_t PageAt(uint64_t address) {
  return (address - (uintptr_t)memory) / kPage;
}

static void Protect(size_t first, size_t pages, uint64_t mode) {
  struct uffdio_writeprotect wp = {
      {(uintptr_t)memory + first * kPage, pages * kPage}, mode};
  // EAGAIN: the memory is changing; the event that says how is still to be
  // read. A page that went is not there to be protected.
  Must(ioctl(uffd, UFFDIO_WRITEPROTECT, &wp) == 0 || errno == EAGAIN,
       "UFFDIO_WRITEPROTECT");
}

// A page that is not there: from the snapshot, or, if the process has given it
// back since, zeros. It comes protected, so that the first write is told of.
static void Fetch(size_t page) {
  char bytes[kPage] = {0};
  if (state[page] == kInSnapshot) {
    Must(pread(snapshot, bytes, kPage, (off_t)(page * kPage)) == kPage,
         "pread");
    fetched++;
  }
  struct uffdio_copy copy = {.dst = (uintptr_t)memory + page * kPage,
                             .src = (uintptr_t)bytes,
                             .len = kPage,
                             .mode = UFFDIO_COPY_MODE_WP};
  if (ioctl(uffd, UFFDIO_COPY, &copy) == 0) {
    state[page] = kPresent;
  } else {
    // EAGAIN as above: the faulter asks again after the event. EEXIST: the
    // page came meanwhile.
    Must(errno == EAGAIN || errno == EEXIST, "UFFDIO_COPY");
    struct uffdio_range range = {copy.dst, kPage};
    Must(ioctl(uffd, UFFDIO_WAKE, &range) == 0, "UFFDIO_WAKE");
  }
}

static void Serve(const struct uffd_msg* m) {
  if (m->event == UFFD_EVENT_REMOVE) {
    for (size_t p = PageAt(m->arg.remove.start); p < PageAt(m->arg.remove.end);
         p++) {
      state[p] = kGone;
      dirty[p] = 1;  // the next snapshot must not bring it back
    }
  } else if (m->arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP) {
    const size_t page = PageAt(m->arg.pagefault.address);
    dirty[page] = 1;
    Protect(page, 1, 0);  // and wakes who waits
  } else {
    Fetch(PageAt(m->arg.pagefault.address));
  }
}

static void* Pager(void* unused) {
  struct pollfd p[2] = {{uffd, POLLIN, 0}, {stop_reader, POLLIN, 0}};
  while (poll(p, 2, -1) > 0 && p[1].revents == 0) {
    struct uffd_msg messages[16];
    const ssize_t n = read(uffd, messages, sizeof messages);
    Must(n > 0 || errno == EAGAIN, "read");
    for (ssize_t i = 0; i < n / (ssize_t)sizeof *messages; i++) {
      Serve(&messages[i]);
    }
  }
  return unused;
}

// The snapshot that there is: each page is full of its number.
static void MakeSnapshot(void) {
  snapshot = (int)syscall(SYS_memfd_create, "snapshot", 0);
  Must(snapshot >= 0, "memfd_create");
  for (int i = 0; i < kPages; i++) {
    char bytes[kPage];
    memset(bytes, i, kPage);
    Must(write(snapshot, bytes, kPage) == kPage, "write");
  }
}

static void Restore(void) {
  // The program's own accesses alone: no privilege is needed for those.
  uffd = (int)syscall(SYS_userfaultfd,
                      O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
  Must(uffd >= 0, "userfaultfd");
  struct uffdio_api api = {.api = UFFD_API, .features = kFeatures};
  Must(ioctl(uffd, UFFDIO_API, &api) == 0, "UFFDIO_API");
  memory = mmap(NULL, kPages * kPage, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Must(memory != MAP_FAILED, "mmap");
  struct uffdio_register r = {
      .range = {(uintptr_t)memory, kPages * kPage},
      .mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP};
  Must(ioctl(uffd, UFFDIO_REGISTER, &r) == 0, "UFFDIO_REGISTER");
}

// Saves what was written, and begins anew to watch.
static int Save(void) {
  int saved = 0;
  for (size_t i = 0; i < kPages; i++) {
    if (!dirty[i]) {
      continue;
    }
    static const char kZeros[kPage];
    dirty[i] = 0;
    saved++;
    if (state[i] == kPresent) {
      Protect(i, 1, UFFDIO_WRITEPROTECT_MODE_WP);
    }
    Must(pwrite(snapshot, state[i] == kPresent ? memory + i * kPage : kZeros,
                kPage, (off_t)(i * kPage)) == kPage,
         "pwrite");
  }
  return saved;
}

static int SnapshotByte(int page) {
  unsigned char byte;
  Must(pread(snapshot, &byte, 1, (off_t)page * kPage) == 1, "pread");
  return byte;
}

int main(void) {
  MakeSnapshot();
  Restore();
  int stop[2];
  Must(pipe(stop) == 0, "pipe");
  stop_reader = stop[0];
  pthread_t pager;
  Must(pthread_create(&pager, NULL, Pager, NULL) == 0, "pthread_create");

  // The restored process runs: it reads every fourth page, and writes to some.
  long sum = 0;
  for (int i = 0; i < kPages; i += 4) {
    sum += (unsigned char)memory[i * kPage + 100];
  }
  for (int i = 0; i < kPages; i += 32) {
    memory[i * kPage] = 'w';
    memory[(i + 1) * kPage] = 'w';
  }
  printf("read 64 pages (sum %ld), wrote 16: %d fetched of %d\n", sum, fetched,
         kPages);
  printf("first snapshot: %d pages\n", Save());

  // Since then: two writes, one of them to a page written before, and four
  // pages given back.
  memory[32 * kPage] = 'x';
  memory[200 * kPage] = 'y';
  Must(madvise(memory + 8 * kPage, 4 * kPage, MADV_DONTNEED) == 0, "madvise");
  printf("a page given back reads %d\n", memory[8 * kPage]);
  printf("second snapshot: %d pages\n", Save());
  printf("in the file: %c %c %d %d\n", SnapshotByte(32), SnapshotByte(200),
         SnapshotByte(8), SnapshotByte(7));

  Must(write(stop[1], "", 1) == 1, "write");
  pthread_join(pager, NULL);
  return 0;
}
