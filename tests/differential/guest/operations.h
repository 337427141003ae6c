#ifndef FAULTLINE_TESTS_DIFFERENTIAL_OPERATIONS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_OPERATIONS_H_

// What a step may be. A new kind of step is a function in one of the *_steps.h
// and a line here.

#include "tests/differential/guest/look_steps.h"
#include "tests/differential/guest/map_steps.h"
#include "tests/differential/guest/page_steps.h"
#include "tests/differential/guest/process_steps.h"
#include "tests/differential/guest/uffd_steps.h"

// A class is what --only and --without speak of.
static const struct Operation kOperations[] = {
    {"access", 260, DoStore},  {"access", 120, DoLoad},
    {"map", 130, Mmap},        {"drop", 10, MmapDroppable},
    {"unmap", 40, Munmap},     {"protect", 70, Mprotect},
    {"remap", 80, Mremap},     {"remap", 8, RemapFilePages},
    {"advice", 120, Madvise},  {"guard", 24, Guard},
    {"mseal", 1, Mseal},       {"lock", 40, Mlock},
    {"lock", 6, Mlockall},     {"sync", 12, Mincore},
    {"sync", 12, Msync},       {"brk", 20, Brk},
    {"file", 20, Ftruncate},   {"file", 24, Fallocate},
    {"file", 16, DoFileStore}, {"file", 8, DoFileLoad},
    {"file", 12, ReadOrWrite}, {"file", 1, ChangeMode},
    {"seal", 3, Seal},         {"shm", 16, Shmat},
    {"shm", 14, Shmdt},        {"shm", 2, CountAttachments},
    {"shm", 2, LockSegment},   {"copy", 24, DoCopy},
    {"copy", 12, DoPoke},      {"other", 12, DoAdvise},
    {"scan", 10, Scan},        {"smaps", 6, DoSmaps},
    {"name", 16, SetName},     {"limit", 12, SetLimit},
    {"limit", 3, DoCommit},    {"fork", 24, DoFork},
    {"fork", 12, DoEnd},       {NULL, 0, NULL},
};

// Besides, in a world of userfaults.
static const struct Operation kUserfaultOperations[] = {
    {"watch", 120, DoWatch},         {"watch", 24, DoUnwatch},
    {"watch", 4, DoWakeUp},          {"protect-pages", 60, DoWriteProtect},
    {"fill", 40, DoFillCopy},        {"fill", 40, DoFill},
    {"move-pages", 30, DoMovePages}, {NULL, 0, NULL},
};

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_OPERATIONS_H_
