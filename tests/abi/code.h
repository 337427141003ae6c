#ifndef FAULTLINE_TESTS_ABI_CODE_H_
#define FAULTLINE_TESTS_ABI_CODE_H_

// Machine code made at run time: a function that returns a constant.

#include <stdint.h>
#include <string.h>

typedef int (*Function)(void);

enum { kFunctionBytes = 8 };

// Writes it at `where`. `value` is in [0, 65535].
static inline void WriteReturnConstant(char* where, unsigned value) {
#if defined(__x86_64__)
  char code[kFunctionBytes] = {(char)0xb8, (char)value, (char)(value >> 8), 0,
                               0,          (char)0xc3};  // mov eax, value; ret
  memcpy(where, code, sizeof code);
#elif defined(__aarch64__)
  uint32_t code[2] = {0x52800000 | value << 5, 0xd65f03c0};  // mov w0; ret
  memcpy(where, code, sizeof code);
#endif
  __builtin___clear_cache(where, where + kFunctionBytes);
}

#endif  // FAULTLINE_TESTS_ABI_CODE_H_
