#ifndef FAULTLINE_TESTS_DIFFERENTIAL_LOOK_STEPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_LOOK_STEPS_H_

// Steps that only look, at more than is printed after each step.

#include "tests/differential/guest/choose.h"
#include "tests/differential/guest/look.h"

// Categories of PAGEMAP_SCAN, but for those that depend on the kernel's
// configuration (soft-dirty).
static inline void Scan(struct Random* r, struct Call* c) {
  static const struct Word kCategories[] = {
      {"/* WPALLOWED */ 1", 1}, {"/* WRITTEN */ 2", 2},
      {"/* FILE */ 4", 4},      {"/* PRESENT */ 8", 8},
      {"/* SWAPPED */ 16", 16}, {"/* PFNZERO */ 32", 32},
      {"/* HUGE */ 64", 64},    {NULL, 0}};
  FUNCTION(c, ScanPages);
  AddRange(r, c);
  AddWords(c, kCategories, OneIn(r, 2) ? 0 : 1l << Below(r, 7));
  AddWords(c, kCategories, OneIn(r, 2) ? 0 : Below(r, 128));
  AddWords(c, kCategories, OneIn(r, 2) ? 0 : Below(r, 128));
  AddNumber(c, OneIn(r, 2) ? 0 : Below(r, 12));
}

static inline void DoSmaps(struct Random* r, struct Call* c) {
  (void)r;
  FUNCTION(c, Smaps);
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_LOOK_STEPS_H_
