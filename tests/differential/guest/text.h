#ifndef FAULTLINE_TESTS_DIFFERENTIAL_TEXT_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_TEXT_H_

// Writes what was seen: first to a buffer of this process, where it may become
// a hash, then to one that the processes share.

#include "tests/differential/guest/world.h"

static bool verbose;
static int masks;  // bit i: kMasks[i]

// What Linux leaves open, or differs in between versions, by name: nothing at
// present. docs/deviations.md holds the reasons, and tells which are applied.
static const char* const kMasks[] = {NULL};

static char seen[1 << 18];
static size_t seen_used;

static inline void PutText(const char* text) {
  size_t size = strlen(text);
  if (seen_used + size > sizeof seen) Die("too much to print\n");
  memcpy(seen + seen_used, text, size);
  seen_used += size;
}

static inline void PutHex(unsigned long value, int width) {
  char digits[17];
  int at = 16;
  digits[16] = 0;
  do {
    digits[--at] = "0123456789abcdef"[value & 15];
    value >>= 4;
  } while (value != 0 || 16 - at < width);
  PutText(digits + at);
}

static inline void PutSigned(long value) {
  PutText(value < 0 ? "-0x" : "0x");
  PutHex(value < 0 ? -(unsigned long)value : (unsigned long)value, 0);
}

static inline bool InArena(const char* p) {
  return p >= A - kBelow && p <= A + arena_size;
}
static inline bool InHeap(const char* p) {
  return p >= H - 8 * kPage && p <= H + kHeap;
}

static inline void PutDecimal(unsigned value) {
  char digit[] = {(char)('0' + value % 10), 0};
  if (value >= 10) PutDecimal(value / 10);
  PutText(digit);
}

// An address of the world by its name, anything else as a number.
static inline void PutValue(long value) {
  const char* p = (const char*)value;
  const char* base = InArena(p) ? A : InHeap(p) ? H : p == V ? V : NULL;
  if (base == NULL) {
    PutSigned(value);
    return;
  }
  PutText(base == A ? "A" : base == H ? "H" : "V");
  if (p == base) return;
  PutText(p < base ? " - 0x" : " + 0x");
  PutHex((unsigned long)(p < base ? base - p : p - base), 0);
}

// What is in `seen` from `from` on becomes one number, unless all is shown.
static inline void Digest(size_t from) {
  if (verbose) return;
  unsigned long hash = 0xcbf29ce484222325;
  for (size_t i = from; i < seen_used; i++) {
    hash = (hash ^ (unsigned char)seen[i]) * 0x100000001b3;
  }
  seen_used = from;
  PutText(" #");
  PutHex(hash, 16);
}

static inline void Emit(void) {
  PutText("\n");
  if (shared->used + seen_used > sizeof shared->text) Flush();
  memcpy(shared->text + shared->used, seen, seen_used);
  shared->used += seen_used;
  seen_used = 0;
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_TEXT_H_
