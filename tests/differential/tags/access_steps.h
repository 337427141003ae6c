#ifndef FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ACCESS_STEPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ACCESS_STEPS_H_

// Loads and stores, which are checked.

#include "tests/differential/tags/step.h"

static inline void Plain(struct Random* r, struct Step* step) {
  const int rn = PointerOrSp(r), rt = Data(r), size = Size(r);
  int opc = (int)Below(r, size == 3 ? 2 : size == 2 ? 3 : 4);
  switch (Below(r, 4)) {
    case 0:
      Put(step, LoadStoreScaled(size, opc, rt, rn, (int)Below(r, 16)));
      break;
    case 1:
      Put(step, LoadStoreRegister(size, opc, rt, rn, 16 + (int)Below(r, 4)));
      break;
    default: {
      const enum Mode mode = (enum Mode)Below(r, 4);
      Put(step, LoadStore(size, opc, rt, rn, Displacement(r, rn), mode));
    }
  }
}

static inline void PlainVector(struct Random* r, struct Step* step) {
  static const enum Mode kModes[] = {kUnscaled, kPost, kPre};
  const int rn = PointerOrSp(r), rt = Data(r), load = (int)Below(r, 2);
  const int size = (int)Below(r, 5);  // 4: 16 bytes, by opc 2 and 3
  const Word word =
      size == 4
          ? LoadStore(0, 2 + load, rt, rn, Displacement(r, rn), PICK(r, kModes))
          : LoadStore(size, load, rt, rn, Displacement(r, rn), PICK(r, kModes));
  Put(step, word | kSimd);
}

static inline void Pairs(struct Random* r, struct Step* step) {
  const int rn = PointerOrSp(r), rt = Data(r), vector = (int)Below(r, 2);
  const int opc = (int)Below(r, 3), load = (int)Below(r, 2);
  // Neither LDPSW nor STGP has a mode 0.
  const int mode = (int)Below(r, 4), odd = !vector && opc == 1;
  const int bytes = vector ? 4 << opc : odd ? (load ? 4 : 16) : opc ? 8 : 4;
  const int imm = Displacement(r, rn) / (rn == 31 && bytes < 16 ? 16 : bytes);
  Put(step, Pair(opc, odd && mode == 0 ? 2 : mode, load, rt, Other(r, rt), rn,
                 rn == 31 && bytes < 16 ? imm * (16 / bytes) : imm) |
                (vector ? kSimd : 0));
}

static inline void OrderedAccess(struct Random* r, struct Step* step) {
  static const Word kBases[] = {kLdar, kStlr, kLdapr};
  Put(step, AlignTo16(24, Pointer(r)));
  Put(step, Ordered(PICK(r, kBases), Size(r), Data(r), 24));
}

static inline void Exclusive(struct Random* r, struct Step* step) {
  const int size = Size(r), rt = Data(r);
  Put(step, AlignTo16(24, Pointer(r)));
  Put(step, Ordered(OneIn(r, 2) ? kLdxr : kLdaxr, size, rt, 24));
  Put(step, Ordered(OneIn(r, 2) ? kStxr : kStlxr, size, Other(r, rt), 24) |
                (Word)(20 + Below(r, 4)) << 16);
}

static inline void Atomics(struct Random* r, struct Step* step) {
  // Of less than 8 bytes the engine takes LDSMAX and LDSMIN for unsigned: see
  // docs/deviations.md.
  static const int kNarrow[] = {0, 1, 2, 3, 6, 7, 8};
  const int size = Size(r), order = (int)Below(r, 4), rs = Data(r);
  Put(step, AlignTo16(24, Pointer(r)));
  switch (Below(r, 3)) {
    case 0:
      Put(step, CompareAndSwap(size, rs, Data(r), 24));
      break;
    case 1:
      Put(step, CompareAndSwapPair(size & 1, rs & 6, Data(r) & 6, 24));
      break;
    default:
      Put(step, Atomic(size, size == 3 ? (int)Below(r, 9) : PICK(r, kNarrow),
                       order, rs, Data(r), 24));
  }
}

static inline void Vectors(struct Random* r, struct Step* step) {
  static const int kOpcodes[] = {7, 10, 6, 2, 8, 4, 0};
  const int load = (int)Below(r, 2), rn = 24, rt = (int)Below(r, 5);
  // On one page: what is left of it at a fault is not for a program to know.
  Put(step, AlignTo64(24, Pointer(r)));
  Put(step, AddNumber(24, 24, (unsigned)Below(r, 32)));
  switch (Below(r, 4)) {
    case 0:
      Put(step, Lane(Size(r), load, rt, rn));
      break;
    case 1:
      Put(step, Replicate(Size(r), rt, rn));
      break;
    default: {
      // Of an access, QEMU 10.0 checks 32 bytes at most.
      const int opcode = PICK(r, kOpcodes);
      const int whole = opcode == 7 || opcode == 10 || opcode == 8;
      Put(step,
          Structures(opcode, load, (int)Below(r, 2), whole, Size(r), rt, rn));
    }
  }
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ACCESS_STEPS_H_
