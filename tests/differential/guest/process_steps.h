#ifndef FAULTLINE_TESTS_DIFFERENTIAL_PROCESS_STEPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_PROCESS_STEPS_H_

// Steps about processes: their birth and end, their limits, and what one does
// to another's memory.

#include "tests/differential/guest/choose.h"

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
  long pages = PICK(r, kPages);
  if (world == kHugePages) pages *= 64;
  AddNumber(c, OneIn(r, 2) ? -1 : pages);
}

// More than any machine has: whether that is promised.
static inline void DoCommit(struct Random* r, struct Call* c) {
  static const struct Word kFlags[] = {
      WORD(MAP_PRIVATE), WORD(MAP_SHARED), WORD(MAP_NORESERVE), {NULL, 0}};
  FUNCTION(c, Commit);
  AddWords(c, kFlags,
           (OneIn(r, 2) ? MAP_PRIVATE : MAP_SHARED) |
               (OneIn(r, 3) ? MAP_NORESERVE : 0));
  AddNumber(c, Below(r, 4));
  AddNumber(c, Below(r, 4));
}

static inline void DoCopy(struct Random* r, struct Call* c) {
  if (OneIn(r, 2)) {
    FUNCTION(c, CopyFrom);
  } else {
    FUNCTION(c, CopyTo);
  }
  AddSlot(r, c);
  AddWordAt(r, c);
  AddWordAt(r, c);
  AddNumber(c, 1 + Below(r, OneIn(r, 4) ? 4 * kPage : 64));
}

// Two ranges of a process: how far it gets.
static inline void DoAdvise(struct Random* r, struct Call* c) {
  static const struct Word kAdvice[] = {
      WORD(MADV_COLD),     WORD(MADV_WILLNEED),       WORD(MADV_COLLAPSE),
      WORD(MADV_DONTNEED), WORD(MADV_POPULATE_WRITE), {NULL, 0}};
  FUNCTION(c, Advise);
  AddSlot(r, c);
  AddRange(r, c);
  AddRange(r, c);
  ADD_ONE_OF(r, c, kAdvice);
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_PROCESS_STEPS_H_
