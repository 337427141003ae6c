#ifndef FAULTLINE_TESTS_DIFFERENTIAL_OPERATIONS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_OPERATIONS_H_

// What a step may be. A new kind of step is a function in one of the *_steps.h
// and a line here.

#include "tests/differential/guest/map_steps.h"
#include "tests/differential/guest/page_steps.h"

static inline void DoFork(struct Random* r, struct Call* c) {
  FUNCTION(c, Fork);
  c->forks = 1 + (int)Below(r, kProcesses - 1);
  AddNumber(c, c->forks);
}

static inline void DoEnd(struct Random* r, struct Call* c) {
  FUNCTION(c, End);
  c->ends = 1 + (int)Below(r, kProcesses - 1);
  AddNumber(c, c->ends);
}

static inline void SetLimit(struct Random* r, struct Call* c) {
  static const struct Word kResources[] = {WORD(RLIMIT_AS),
                                           WORD(RLIMIT_DATA),
                                           WORD(RLIMIT_MEMLOCK),
                                           WORD(RLIMIT_STACK),
                                           {NULL, 0}};
  static const long kPages[] = {0, 1, 4, 16, 64};
  FUNCTION(c, Limit);
  ADD_ONE_OF(r, c, kResources);
  AddNumber(c, OneIn(r, 2) ? -1 : PICK(r, kPages));
}

// A class is what --only and --without speak of.
static const struct Operation kOperations[] = {
    {"access", 260, DoStore},
    {"access", 120, DoLoad},
    {"map", 130, Mmap},
    {"unmap", 40, Munmap},
    {"protect", 70, Mprotect},
    {"remap", 80, Mremap},
    {"remap", 8, RemapFilePages},
    {"advice", 110, Madvise},
    {"lock", 40, Mlock},
    {"lock", 6, Mlockall},
    {"sync", 12, Mincore},
    {"sync", 12, Msync},
    {"brk", 20, Brk},
    {"file", 20, Ftruncate},
    {"file", 24, Fallocate},
    {"file", 16, DoFileStore},
    {"file", 8, DoFileLoad},
    {"seal", 3, Seal},
    {"shm", 16, Shmat},
    {"shm", 14, Shmdt},
    {"shm", 2, CountAttachments},
    {"copy", 24, DoCopy},
    {"copy", 12, DoPoke},
    {"name", 16, SetName},
    {"limit", 12, SetLimit},
    {"fork", 24, DoFork},
    {"fork", 12, DoEnd},
    {NULL, 0, NULL},
};

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_OPERATIONS_H_
