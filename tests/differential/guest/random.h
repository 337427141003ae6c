#ifndef FAULTLINE_TESTS_DIFFERENTIAL_RANDOM_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_RANDOM_H_

// Numbers for one step. They depend on the seed and the step's number alone,
// not on other steps, so that a step stays what it is when others are left out.

#include <stdbool.h>
#include <stdint.h>

struct Random {
  uint64_t state;
};

static inline uint64_t Next(struct Random* r) {
  uint64_t z = r->state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static inline struct Random RandomOf(uint64_t seed, uint64_t step) {
  struct Random r = {seed * 0x2545f4914f6cdd1d + step};
  r.state = Next(&r);
  return r;
}

static inline long Below(struct Random* r, long bound) {
  return (long)(Next(r) % (uint64_t)bound);
}

static inline bool OneIn(struct Random* r, long n) { return Below(r, n) == 0; }

#define PICK(r, array) ((array)[Below(r, sizeof(array) / sizeof((array)[0]))])

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_RANDOM_H_
