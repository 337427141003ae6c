#ifndef FAULTLINE_TESTS_DIFFERENTIAL_TAGS_TAG_STEPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_TAGS_TAG_STEPS_H_

// Instructions that are about tags, blocks and the override of checks.

#include "tests/differential/tags/step.h"

static inline void TagStores(struct Random* r, struct Step* step) {
  const int rn = PointerOrSp(r), rt = OneIn(r, 2) ? rn : Pointer(r);
  const int granules =
      (int)(OneIn(r, 8) ? Below(r, 512) - 256 : Below(r, 9) - 4);
  Put(step, StoreTag((int)Below(r, 4), 1 + (int)Below(r, 3), rt, rn, granules));
}

static inline void TagLoads(struct Random* r, struct Step* step) {
  const int rn = PointerOrSp(r);
  Put(step, StoreTag(1, 0, Pointer(r), rn, (int)(Below(r, 9) - 4)));
}

// Not for user mode.
static inline void TagBlocks(struct Random* r, struct Step* step) {
  static const int kOpcodes[] = {0, 2, 3};
  Put(step, StoreTag(PICK(r, kOpcodes), 0, Data(r), Pointer(r), 0));
}

static inline void TagArithmetic(struct Random* r, struct Step* step) {
  static const int kCompares[] = {kGmi, kSubp, kSubps};
  switch (Below(r, 4)) {
    case 0:  // one tag is left to choose from, or none
      Put(step,
          MoveHalf(0, 24, 0, OneIn(r, 4) ? 0xffff : ~(1u << Below(r, 16))));
      Put(step, ThreeRegisters(kIrg, Pointer(r), PointerOrSp(r), 24));
      break;
    case 1:
      Put(step,
          ThreeRegisters(PICK(r, kCompares), Data(r), Pointer(r), Pointer(r)));
      break;
    default:
      Put(step, AddTag((int)Below(r, 2), Pointer(r), PointerOrSp(r),
                       (int)Below(r, OneIn(r, 8) ? 64 : 4), (int)Below(r, 16)));
  }
}

static inline void Lines(struct Random* r, struct Step* step) {
  static const int kOperations[] = {kDcZva, kDcZva,  kDcGva,  kDcGzva,
                                    kDcGva, kDcGzva, kDcCvac, kDcCivac};
  if (OneIn(r, 10)) {
    Put(step, (Word)kPrfm | (Word)Pointer(r) << 5);
  } else {
    Put(step, (Word)PICK(r, kOperations) | (Word)Pointer(r));
  }
}

static inline void CheckOverride(struct Random* r, struct Step* step) {
  switch (Below(r, 4)) {
    case 0:
      Put(step, ReadTco(24));
      Put(step, ThreeRegisters(kEor, Data(r), Data(r), 24));
      break;
    case 1:
      Put(step, WriteTco(Data(r)));
      break;
    default:  // off again, more often than on
      Put(step, SetTcoTo(OneIn(r, 3)));
  }
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_TAGS_TAG_STEPS_H_
