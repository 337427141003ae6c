// Arithmetic whose every bit must be right: integers of all widths, floating
// point through vectors and the C library, string functions at all alignments.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t g_hash = 14695981039346656037u;

static void Mix(uint64_t value) {
  g_hash = (g_hash ^ value) * 1099511628211u;
  g_hash ^= g_hash >> 29;
}

static uint64_t Next(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void Integers(void) {
  for (int i = 0; i < 20000; i++) {
    uint64_t a = Next(), b = Next() | 1;
    unsigned shift = (unsigned)(b & 63);
    Mix(a * b);
    Mix((uint64_t)(((unsigned __int128)a * b) >> 64));
    Mix(a / b);
    Mix(a % b);
    Mix((uint64_t)((int64_t)a / (int64_t)(b >> 20 | 1)));
    Mix(a << shift | a >> (63 - shift) >> 1);
    Mix((uint64_t)((int64_t)a >> shift));
    Mix((uint32_t)a / (uint32_t)b);
    Mix((uint64_t)(int16_t)a * (uint64_t)(int8_t)b);
    Mix((uint64_t)__builtin_popcountll(a));
    Mix((uint64_t)__builtin_clzll(b));
    Mix((uint64_t)__builtin_ctzll(a | 1ull << 63));
    Mix(__builtin_bswap64(a));
  }
  printf("integers %016llx\n", (unsigned long long)g_hash);
}

static uint64_t Bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static void FloatingPoint(void) {
  enum { kN = 48 };
  static double a[kN][kN], b[kN][kN], c[kN][kN];
  for (int i = 0; i < kN; i++) {
    for (int j = 0; j < kN; j++) {
      a[i][j] = (double)(Next() >> 40) / 1024;
      b[i][j] = (double)(int32_t)Next();
    }
  }
  for (int i = 0; i < kN; i++) {
    for (int k = 0; k < kN; k++) {
      for (int j = 0; j < kN; j++) c[i][j] += a[i][k] * b[k][j];
    }
  }
  for (int i = 0; i < kN; i++) Mix(Bits(c[i][(i * 7) % kN]));
  for (int i = 1; i < 2000; i++) {
    double x = (double)i / 7;
    float f = (float)x;
    Mix(Bits(sqrt(x)));
    Mix(Bits((double)sqrtf(f)));
    Mix(Bits(x / 3 + 1 / x));
    Mix((uint64_t)(int64_t)(x * 1e6));
    Mix((uint64_t)lrint(x));
    Mix(Bits(floor(-x)));
    Mix(Bits(fmod(x, 0.37)));
  }
  printf("floating point %016llx\n", (unsigned long long)g_hash);
  printf("%.15g %.15g %.15g %.15g\n", sin(1), exp(1), log(10), pow(2, 0.5));
}

// Every function at every alignment of both operands, with guard bytes.
static void Strings(void) {
  static char from[256], to[256];
  for (int i = 0; i < 255; i++) from[i] = (char)('A' + i % 53);
  for (size_t source = 0; source < 17; source++) {
    for (size_t target = 0; target < 17; target++) {
      for (size_t length = 0; length < 130; length += 3) {
        memset(to, '#', sizeof to);
        memcpy(to + target, from + source, length);
        if (memcmp(to + target, from + source, length) != 0) abort();
        if (to[target + length] != '#') abort();
        to[target + length] = 0;
        if (strlen(to + target) != length) abort();
        if (strchr(to + target, '!') != NULL) abort();
        memmove(to + target + 3, to + target, length + 1);
        Mix(length + (unsigned char)to[target + 3 + length / 2]);
      }
    }
  }
  char number[64];
  for (int i = 0; i < 500; i++) {
    int integer = (int)Next();
    double real = (double)(int32_t)Next() / 1000;
    snprintf(number, sizeof number, "%d %.6g %x", integer, real, i * 77);
    Mix((uint64_t)strtol(number, NULL, 10));
    for (char* p = number; *p; p++) Mix((uint64_t)*p);
  }
  printf("strings %016llx\n", (unsigned long long)g_hash);
}

int main(void) {
  Integers();
  FloatingPoint();
  Strings();
}
