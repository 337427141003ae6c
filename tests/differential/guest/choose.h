#ifndef FAULTLINE_TESTS_DIFFERENTIAL_CHOOSE_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_CHOOSE_H_

// Arguments: mostly sound, now and then not.

#include "tests/differential/guest/actions.h"
#include "tests/differential/guest/call.h"

// No address of a mapping, and a length that wraps around with any address.
static const long kTooFar = 1l << 52, kTooMuch = -kPage;

// Mostly where huge pages begin, or one page off.
static inline long ChoosePageAmongHuge(struct Random* r) {
  static const long kWithin[] = {0, 0, 0, 0, 1, 511, 256, 64};
  long huge = OneIn(r, 12) ? -1 - Below(r, 3) : Below(r, OneIn(r, 4) ? 8 : 4);
  return huge * (kHuge / kPage) +
         (OneIn(r, 6) ? Below(r, 512) : PICK(r, kWithin));
}

// Mostly where the other steps are.
static inline long ChoosePage(struct Random* r) {
  if (world == kHugePages) return ChoosePageAmongHuge(r);
  long chance = Below(r, 16);
  return chance == 0 ? -1 - Below(r, 24) : Below(r, chance < 4 ? 64 : 24);
}

// Page-aligned.
static inline void AddPage(struct Random* r, struct Call* c) {
  AddArgument(c, (struct Argument){kArenaAt, ChoosePage(r) * kPage, NULL});
}

// Seldom unaligned, more seldom no address at all.
static inline void AddAddress(struct Random* r, struct Call* c) {
  static const long kOdd[] = {1, 8, 0x800, 0xfff};
  struct Argument at = {kArenaAt, ChoosePage(r) * kPage, NULL};
  long chance = Below(r, 256);
  if (chance < 10) at.value += PICK(r, kOdd);
  if (chance == 10) at = (struct Argument){kNumber, kTooFar, NULL};
  if (chance == 11) at = (struct Argument){kNumber, kTooMuch, NULL};
  if (chance > 252) {
    at = (struct Argument){kHeapAt, Below(r, 48) * kPage, NULL};
  }
  AddArgument(c, at);
}

static inline long ChooseLength(struct Random* r) {
  static const long kHugeLengths[] = {512,  512, 512, 512,  1024, 1024,
                                      1536, 1,   1,   2,    64,   256,
                                      511,  513, 768, 2048, 1025, 1023};
  static const long kPages[] = {1, 1, 1, 2, 2, 2, 3, 4, 5, 6, 8, 12, 20};
  static const long kOdd[] = {1, 100, 0xfff, 0x1001, 0x2800};
  long chance = Below(r, 128);
  if (chance == 0) return 0;
  if (chance == 1) return kTooMuch;
  if (chance < 8) return PICK(r, kOdd);
  if (world == kHugePages) return PICK(r, kHugeLengths) * kPage;
  return PICK(r, kPages) * kPage;
}

static inline void AddLength(struct Random* r, struct Call* c) {
  AddNumber(c, ChooseLength(r));
}

static inline void AddRange(struct Random* r, struct Call* c) {
  AddAddress(r, c);
  AddLength(r, c);
}

// An address for a word.
static inline void AddWordAt(struct Random* r, struct Call* c) {
  long offset = OneIn(r, 8) ? kPage - 8 : 256 * Below(r, 16);
  long page = ChoosePage(r) * kPage;
  struct Argument at = {kArenaAt, page + offset, NULL};
  if (OneIn(r, 32)) {
    at = (struct Argument){kHeapAt, Below(r, 48) * kPage + offset, NULL};
  }
  AddArgument(c, at);
}

static inline void AddFile(struct Random* r, struct Call* c) {
  static const long kOften[] = {0, 0, 0, 1, 1, 1, 2, 3};
  long index = OneIn(r, 16) ? Below(r, kFiles) : PICK(r, kOften);
  AddArgument(c, (struct Argument){kFile, index, NULL});
}

// Of the files whose size can be changed.
static inline void AddMemfd(struct Random* r, struct Call* c) {
  long index = OneIn(r, 16) ? 7 : Below(r, 2);
  AddArgument(c, (struct Argument){kFile, index, NULL});
}

static inline void AddSlot(struct Random* r, struct Call* c) {
  AddNumber(c, Below(r, kProcesses));
}

static inline void AddSegment(struct Random* r, struct Call* c) {
  AddArgument(c, (struct Argument){kSegment, Below(r, kSegments), NULL});
}

static inline void AddOneOf(struct Random* r, struct Call* c,
                            const struct Word* words, long count) {
  AddArgument(c, (struct Argument){kWord, words[Below(r, count)].value, words});
}

static inline void AddWords(struct Call* c, const struct Word* words,
                            long value) {
  AddArgument(c, (struct Argument){kWords, value, words});
}

#define WORD(value) \
  { #value, value }
#define ADD_ONE_OF(r, c, words) \
  AddOneOf(r, c, words, sizeof(words) / sizeof((words)[0]) - 1)

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_CHOOSE_H_
