#ifndef FAULTLINE_TESTS_DIFFERENTIAL_OBSERVE_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_OBSERVE_H_

// What is printed after a step: its result, and what the process that
// performed it then sees of its memory. For each of its mappings
//
//   A + 0x3000 A + 0x5000 rw-p 0x1000 /memfd:plain (deleted)
//     3.1:6a5b7c0000000041 0.0
//
// the line of /proc/self/maps, and for each page two digits, those of
// /proc/self/pagemap (1 exclusive, 2 file or shared, 4 swapped, 8 present) and
// of mincore(), and if it can be looked at without changing anything, a hash.
// That text is printed or only its hash is, whether `verbose` is set or not.

#include "tests/differential/guest/actions.h"
#include "tests/differential/guest/manager.h"
#include "tests/differential/guest/maps.h"
#include "tests/differential/guest/text.h"

// The whole page when `step` is 1 word, samples when more.
static inline unsigned long HashPage(const char* page, size_t step) {
  const unsigned long* words = (const unsigned long*)page;
  const size_t count = kPage / sizeof *words;
  unsigned long hash = words[count - 1];
  for (size_t i = 0; i < count; i += step) {
    hash = (hash << 7 | hash >> 57) ^ words[i] * 0x9e3779b97f4a7c15;
  }
  return hash;
}

static inline void PutPages(const struct Vma* vma) {
  static unsigned long entries[1024];
  static unsigned char resident[1024];
  static int pagemap = -1;  // each process opens its own
  static pid_t owner;
  size_t pages = (size_t)(vma->end - vma->start) / kPage;
  if (pages > 1024 || world == kHugePages) return;
  if (owner != getpid()) {
    close(pagemap);
    pagemap = open("/proc/self/pagemap", O_RDONLY);
    owner = getpid();
  }
  if (pread(pagemap, entries, pages * 8,
            (off_t)((uintptr_t)vma->start / kPage * 8)) !=
      (ssize_t)(pages * 8)) {
    Die("no pagemap\n");
  }
  mincore(vma->start, pages * kPage, resident);
  PutText("\n   ");
  for (size_t i = 0; i < pages; i++) {
    unsigned long bits = (entries[i] >> 56 & 1) | (entries[i] >> 60 & 14);
    if (world == kUserfaults) bits |= entries[i] >> 53 & 16;  // uffd-wp
    PutText(" ");
    PutHex(bits, 1);
    PutText(resident[i] & 1 ? ".1" : ".0");
    if ((bits & 8) && vma->rest[0] == 'r') {
      PutText(":");
      PutHex(HashPage(vma->start + i * kPage, 32), 1);
    }
  }
}

static inline void PutVma(struct Vma* vma) {
  const char* path = SkipFields(vma->rest, 4);
  PutText("\n  ");
  PutValue((long)vma->start);
  PutText(" ");
  PutValue((long)vma->end);
  PutText(" ");
  char perms[5] = {0};
  memcpy(perms, vma->rest, 4);
  PutText(perms);
  PutText(" ");
  // A private mapping of /dev/zero that has moved tells its address here.
  char* offset = (char*)vma->rest + 5;
  PutValue((long)TakeHex(&offset));
  PutText(" ");
  PutText(path);
}

// The address space's size in pages, and the part that RLIMIT_DATA counts,
// less what they were at the first look.
static inline void PutSizes(void) {
  static long first_size, first_data;
  char text[128];
  int fd = open("/proc/self/statm", O_RDONLY);
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = 0;
  long size = strtol(text, NULL, 10);
  long data = strtol(SkipFields(text, 5), NULL, 10);
  if (first_size == 0) {
    first_size = size;
    first_data = data;
  }
  PutText("\n  size ");
  PutSigned(size - first_size);
  PutText(" data ");
  PutSigned(data - first_data);
}

static inline void PutMappings(void) {
  static char maps[1 << 17];
  size_t size = ReadMaps(maps, sizeof maps);
  PutSizes();
  struct Vma vma;
  for (char* at = maps; at < maps + size;) {
    if (TakeVma(&at, &vma)) {
      PutVma(&vma);
      PutPages(&vma);
    }
  }
}

// Every byte that can be read, by reading it: for the end, as it changes what
// is mapped.
static inline void PutContents(void) {
  static char maps[1 << 17];
  size_t size = ReadMaps(maps, sizeof maps);
  struct Vma vma;
  for (char* at = maps; at < maps + size;) {
    if (!TakeVma(&at, &vma)) continue;
    PutVma(&vma);
    PutText("\n   ");
    for (char* page = vma.start; page < vma.end; page += kPage) {
      fault.signal = 0;
      Load(page);
      PutText(" ");
      if (fault.signal) {
        PutSigned(fault.signal);
      } else {
        PutHex(HashPage(page, 1), 1);
      }
    }
  }
}

static inline void PutResult(long result, int error) {
  PutText(" = ");
  if (fault.signal) {
    PutText(fault.signal == SIGSEGV ? "SIGSEGV code " : "SIGBUS code ");
    // A kernel without CONFIG_MEMORY_FAILURE does not tell poison apart.
    const bool told_apart = world != kUserfaults || fault.signal == SIGSEGV;
    PutDecimal(told_apart ? (unsigned)fault.code : 0);
    PutText(" at ");
    PutValue((long)fault.address);
  } else if (result == -1 && error != 0) {
    PutText(strerrorname_np(error));
  } else {
    PutValue(result);
  }
}

// One step: `call` as it was written, and how it ended.
static inline void Report(int step, const char* call, long result, int error) {
  PutDecimal((unsigned)step);
  PutText(" ");
  PutDecimal((unsigned)self);
  PutText(" ");
  PutText(call);
  PutResult(result, error);
  if (uffd != 0) {
    Settle();
    PutText(" told ");
    PutHex(told & 0xffff, 4);
  }
  size_t from = seen_used;
  PutMappings();
  Digest(from);
  Emit();
}

// STEP(number, actor, call): performs and reports `call` in process `actor`.
#define STEP(number, actor, call)                \
  if (Turn(actor)) {                             \
    fault.signal = errno = 0;                    \
    shared->step = number;                       \
    long step_result = (long)(call);             \
    if (self == actor) {                         \
      Report(number, #call, step_result, errno); \
      EndTurn();                                 \
    }                                            \
  }

// Each living process in turn tells what all its memory holds; then all end.
static inline void Finish(const bool* alive) {
  for (int i = kProcesses - 1; i >= 0; i--) {
    if (!alive[i] || !Turn(i)) continue;
    PutText("end ");
    PutDecimal((unsigned)i);
    size_t from = seen_used;
    PutContents();
    Digest(from);
    Emit();
    if (i != 0) {
      EndTurn();
      _exit(0);
    }
    RemoveSegments();
    Flush();
  }
  // This one was ahead of the step that ends it.
  if (self != 0) pause();
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_OBSERVE_H_
