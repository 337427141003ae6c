#ifndef FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ENCODING_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ENCODING_H_

// Words of A64 (Arm ARM, section C4.1): what a step may be made of. Register
// numbers are the instruction's; 31 is SP or XZR as the instruction has it.

#include <stdint.h>

typedef uint32_t Word;

enum Mode { kUnscaled, kPost, kUnprivileged, kPre };

static inline Word Bits9(int value) { return (Word)(value & 0x1ff) << 12; }

// The size is the logarithm of the bytes; `opc` 0 stores, 1 loads, 2 and 3 load
// with the sign.
static inline Word LoadStoreScaled(int size, int opc, int rt, int rn,
                                   int imm12) {
  return 0x39000000 | (Word)size << 30 | (Word)opc << 22 | (Word)imm12 << 10 |
         (Word)rn << 5 | (Word)rt;
}
static inline Word LoadStore(int size, int opc, int rt, int rn, int imm9,
                             enum Mode mode) {
  return 0x38000000 | (Word)size << 30 | (Word)opc << 22 | Bits9(imm9) |
         (Word)mode << 10 | (Word)rn << 5 | (Word)rt;
}
static inline Word LoadStoreRegister(int size, int opc, int rt, int rn,
                                     int rm) {
  return 0x38206800 | (Word)size << 30 | (Word)opc << 22 | (Word)rm << 16 |
         (Word)rn << 5 | (Word)rt;
}
enum { kSimd = 1 << 26 };  // to be added to the above: of a vector register

// Mode 0 hints that the data is not used again, 1 is post-index, 2 an offset, 3
// pre-index. `opc` 0: words, 1: words with the sign or STGP, 2: doublewords;
// of vector registers 4, 8 and 16 bytes.
static inline Word Pair(int opc, int mode, int load, int rt, int rt2, int rn,
                        int imm7) {
  return 0x28000000 | (Word)opc << 30 | (Word)mode << 23 | (Word)load << 22 |
         (Word)(imm7 & 0x7f) << 15 | (Word)rt2 << 10 | (Word)rn << 5 | (Word)rt;
}

static inline Word Ordered(Word base, int size, int rt, int rn) {
  return base | (Word)size << 30 | (Word)rn << 5 | (Word)rt;
}
enum {
  kLdar = 0x08dffc00,
  kStlr = 0x089ffc00,
  kLdapr = 0x38bfc000,
  kLdxr = 0x085f7c00,
  kLdaxr = 0x085ffc00,
  kStxr = 0x08007c00,
  kStlxr = 0x0800fc00,
};

// `opc` 0 to 7: LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN; 8:
// SWP. `order` 0 to 3: none, release, acquire, both.
static inline Word Atomic(int size, int opc, int order, int rs, int rt,
                          int rn) {
  return 0x38200000 | (Word)size << 30 | (Word)order << 22 | (Word)rs << 16 |
         (Word)opc << 12 | (Word)rn << 5 | (Word)rt;
}
static inline Word CompareAndSwap(int size, int rs, int rt, int rn) {
  return 0x08a07c00 | (Word)size << 30 | (Word)rs << 16 | (Word)rn << 5 |
         (Word)rt;
}
static inline Word CompareAndSwapPair(int size, int rs, int rt, int rn) {
  return 0x08207c00 | (Word)size << 30 | (Word)rs << 16 | (Word)rn << 5 |
         (Word)rt;
}

// LD1 to LD4 and ST1 to ST4 of registers of 16 bytes, or their lower halves:
// `opcode` as the manual has it.
static inline Word Structures(int opcode, int load, int post, int whole,
                              int size, int rt, int rn) {
  return 0x0c000000 | (Word)whole << 30 | (Word)load << 22 |
         (post ? 0x009f0000 : 0) | (Word)opcode << 12 | (Word)size << 10 |
         (Word)rn << 5 | (Word)rt;
}
// One element of one register; and LD1R.
static inline Word Lane(int size, int load, int rt, int rn) {
  static const Word kBases[] = {0x0d000000, 0x0d004000, 0x0d008000, 0x0d008400};
  return kBases[size] | (Word)load << 22 | (Word)rn << 5 | (Word)rt;
}
static inline Word Replicate(int size, int rt, int rn) {
  return 0x4d40c000 | (Word)size << 10 | (Word)rn << 5 | (Word)rt;
}

// `opc` 0 to 3: STG, STZG, ST2G, STZ2G; mode 1 post-index, 2 offset, 3
// pre-index. With mode 0: STZGM, LDG, STGM, LDGM.
static inline Word StoreTag(int opc, int mode, int rt, int rn, int granules) {
  return 0xd9200000 | (Word)opc << 22 | Bits9(granules) | (Word)mode << 10 |
         (Word)rn << 5 | (Word)rt;
}
static inline Word AddTag(int subtract, int rd, int rn, int granules, int tag) {
  return (subtract ? 0xd1800000 : 0x91800000) | (Word)granules << 16 |
         (Word)tag << 10 | (Word)rn << 5 | (Word)rd;
}
enum {
  kIrg = (int)0x9ac01000,
  kGmi = (int)0x9ac01400,
  kSubp = (int)0x9ac00000,
  kSubps = (int)0xbac00000,
  kAdd = (int)0x8b000000,
  kSub = (int)0xcb000000,
  kEor = (int)0xca000000,
  kSubs = (int)0xeb000000,
  kOrr = (int)0xaa000000,
};
static inline Word ThreeRegisters(int base, int rd, int rn, int rm) {
  return (Word)base | (Word)rm << 16 | (Word)rn << 5 | (Word)rd;
}

enum {
  kDcZva = (int)0xd50b7420,
  kDcGva = (int)0xd50b7460,
  kDcGzva = (int)0xd50b7480,
  kDcCvac = (int)0xd50b7a20,
  kDcCivac = (int)0xd50b7e20,
  kPrfm = (int)0xf9800000,
  kSvc = (int)0xd4000001,
  kRet = (int)0xd65f03c0,
  kNop = (int)0xd503201f,
};
static inline Word SetTcoTo(int on) { return 0xd503409f | (Word)on << 8; }
static inline Word ReadTco(int rt) { return 0xd53b42e0 | (Word)rt; }
static inline Word WriteTco(int rt) { return 0xd51b42e0 | (Word)rt; }
static inline Word SkipNextIf(int condition) {
  return 0x54000040 | (Word)condition;
}
static inline Word Move(int rd, int rm) {
  return ThreeRegisters(kOrr, rd, 31, rm);
}
static inline Word MoveHalf(int keep, int rd, int half, unsigned value) {
  return (keep ? 0xf2800000 : 0xd2800000) | (Word)half << 21 |
         (Word)(value & 0xffff) << 5 | (Word)rd;
}
// Rd = Rn without its lowest four bits.
static inline Word AlignTo16(int rd, int rn) {
  return 0x927cec00 | (Word)rn << 5 | (Word)rd;
}
// The same of the lowest six bits; and plus a small number.
static inline Word AlignTo64(int rd, int rn) {
  return 0x927ae400 | (Word)rn << 5 | (Word)rd;
}
static inline Word AddNumber(int rd, int rn, unsigned number) {
  return 0x91000000 | number << 10 | (Word)rn << 5 | (Word)rd;
}
// SP = Rn, Rd = SP
static inline Word MoveSp(int rd, int rn) {
  return 0x91000000 | (Word)rn << 5 | (Word)rd;
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ENCODING_H_
