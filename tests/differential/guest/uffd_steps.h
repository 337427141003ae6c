#ifndef FAULTLINE_TESTS_DIFFERENTIAL_UFFD_STEPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_UFFD_STEPS_H_

// Steps about userfaultfd, of a world of userfaults.

#include "tests/differential/guest/choose.h"
#include "tests/differential/guest/uffd_calls.h"

static inline void DoWatch(struct Random* r, struct Call* c) {
  static const long kModes[] = {1, 1, 1, 2, 2, 3, 3, 4, 6};
  FUNCTION(c, Watch);
  AddRange(r, c);
  AddNumber(c, OneIn(r, 32) ? Below(r, 16) : PICK(r, kModes));
}

static inline void DoUnwatch(struct Random* r, struct Call* c) {
  FUNCTION(c, Unwatch);
  AddRange(r, c);
}

static inline void DoWakeUp(struct Random* r, struct Call* c) {
  FUNCTION(c, WakeUp);
  AddRange(r, c);
}

static inline void DoWriteProtect(struct Random* r, struct Call* c) {
  FUNCTION(c, WriteProtect);
  AddRange(r, c);
  AddNumber(c, OneIn(r, 16) ? Below(r, 5) : Below(r, 2));
}

static inline void AddMode(struct Random* r, struct Call* c) {
  AddNumber(c, OneIn(r, 4) ? Below(r, OneIn(r, 8) ? 5 : 4) : 0);
}

static inline void DoFillCopy(struct Random* r, struct Call* c) {
  FUNCTION(c, FillCopy);
  AddAddress(r, c);
  if (OneIn(r, 2)) {
    AddArgument(c, (struct Argument){kScratch, 0, NULL});
  } else {
    AddAddress(r, c);
  }
  AddLength(r, c);
  AddMode(r, c);
}

static inline void DoFill(struct Random* r, struct Call* c) {
  switch (Below(r, 3)) {
    case 0:
      FUNCTION(c, FillZero);
      break;
    case 1:
      FUNCTION(c, FillContinue);
      break;
    default:
      FUNCTION(c, FillPoison);
  }
  AddRange(r, c);
  AddMode(r, c);
}

static inline void DoMovePages(struct Random* r, struct Call* c) {
  FUNCTION(c, MovePages);
  AddAddress(r, c);
  AddRange(r, c);
  AddMode(r, c);
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_UFFD_STEPS_H_
