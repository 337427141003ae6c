#ifndef FAULTLINE_TESTS_DIFFERENTIAL_TAGS_STEPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_TAGS_STEPS_H_

// What a program is made of: kinds of steps, and how often each is taken.

#include <sys/syscall.h>

#include "tests/differential/tags/access_steps.h"
#include "tests/differential/tags/tag_steps.h"

static inline void Repoint(struct Random* r, struct Step* step) {
  const int rd = Pointer(r);
  const uint64_t address = Address(r);
  for (int half = 0; half < 4; half++) {
    Put(step, MoveHalf(half > 0, rd, half, address >> 16 * half & 0xffff));
  }
}

static inline void Arithmetic(struct Random* r, struct Step* step) {
  static const int kOperations[] = {kAdd, kSub, kEor, kSubs};
  if (OneIn(r, 3)) Put(step, SkipNextIf((int)Below(r, 14)));
  Put(step, ThreeRegisters(PICK(r, kOperations), Data(r), Data(r), Data(r)));
}

static inline void Offsets(struct Random* r, struct Step* step) {
  Put(step, MoveHalf(0, 16 + (int)Below(r, 4), 0, (unsigned)Below(r, 64)));
}

static inline void MovesSp(struct Random* r, struct Step* step) {
  Put(step, AlignTo16(24, Pointer(r)));
  Put(step, MoveSp(31, 24));
  if (OneIn(r, 2)) Put(step, MoveSp(Pointer(r), 31));
}

// Reads from the file, or getpid(); the kernel is entered either way.
static inline void Calls(struct Random* r, struct Step* step) {
  Put(step, Move(25, 8));
  if (OneIn(r, 2)) {
    Put(step, MoveHalf(0, 8, 0, SYS_sched_yield));
  } else {
    Put(step, Move(1, Pointer(r)));
    Put(step, MoveHalf(0, 0, 0, kFile));
    Put(step, MoveHalf(0, 2, 0, (unsigned)Below(r, 96)));
    Put(step, MoveHalf(0, 3, 0, (unsigned)Below(r, kFileSize)));
    Put(step, MoveHalf(0, 8, 0, SYS_pread64));
  }
  Put(step, kSvc);
  Put(step, Move(8, 25));
}

struct Kind {
  const char* name;
  int weight;
  void (*choose)(struct Random* r, struct Step* step);
};

static const struct Kind kKinds[] = {{"repoint", 14, Repoint},
                                     {"plain", 24, Plain},
                                     {"vector", 8, PlainVector},
                                     {"pair", 16, Pairs},
                                     {"ordered", 4, OrderedAccess},
                                     {"exclusive", 4, Exclusive},
                                     {"atomic", 10, Atomics},
                                     {"structures", 8, Vectors},
                                     {"tag store", 14, TagStores},
                                     {"tag load", 5, TagLoads},
                                     {"tag block", 1, TagBlocks},
                                     {"tag arithmetic", 10, TagArithmetic},
                                     {"line", 7, Lines},
                                     {"override", 4, CheckOverride},
                                     {"arithmetic", 6, Arithmetic},
                                     {"offset", 3, Offsets},
                                     {"sp", 3, MovesSp},
                                     {"call", 4, Calls},
                                     {NULL, 0, NULL}};

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_TAGS_STEPS_H_
