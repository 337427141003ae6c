#ifndef FAULTLINE_TESTS_DIFFERENTIAL_TAGS_STEP_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_TAGS_STEP_H_

// One step of a program, a few words. x0 to x7 and v0 to v7 hold data; x8 to
// x15 and SP are pointers into the arena; x16 to x19 small offsets; x20 to x23
// what exclusive stores answer; x24 to x26 a step's own.

#include "tests/differential/tags/arena.h"
#include "tests/differential/tags/encoding.h"

enum { kMaxWords = 8 };

struct Step {
  Word words[kMaxWords];
  int count;
};

static inline void Put(struct Step* step, Word word) {
  step->words[step->count++] = word;
}

static inline int Data(struct Random* r) { return (int)Below(r, 8); }
static inline int Size(struct Random* r) { return (int)Below(r, 4); }
static inline int Pointer(struct Random* r) { return 8 + (int)Below(r, 8); }
static inline int PointerOrSp(struct Random* r) {
  return OneIn(r, 8) ? 31 : Pointer(r);
}
static inline int Other(struct Random* r, int data) {
  return (data + 1 + (int)Below(r, 7)) % 8;
}
// SP stays a multiple of 16: the engines do not check it.
static inline int Displacement(struct Random* r, int rn) {
  if (rn == 31) return 16 * (int)(Below(r, 8) - 4);
  return (int)(OneIn(r, 3) ? Below(r, 512) - 256 : Below(r, 64) - 32);
}

// Where an access has something to meet: the pages' ends, for the most part.
static inline uint64_t Address(struct Random* r) {
  static const int kPlaces[] = {0,         kPage,  2 * kPage, 3 * kPage,
                                kReadOnly, kArena, kPage / 2};
  long offset = PICK(r, kPlaces) + Below(r, 96) - 48;
  if (OneIn(r, 3)) offset = Below(r, 3 * kPage);
  if (!OneIn(r, 4)) offset &= -16;
  unsigned tag = (unsigned)Below(r, 16);
  if (offset >= 0 && offset < kArena && !OneIn(r, 4)) {
    tag = arena_tags[offset / kGranule];
  }
  return ARENA + offset + ((uint64_t)tag << 56);
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_TAGS_STEP_H_
