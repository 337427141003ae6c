#ifndef FAULTLINE_TESTS_DIFFERENTIAL_TAGS_MACHINE_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_TAGS_MACHINE_H_

// The registers that a program has, and how it is entered. x28 holds this
// structure's address meanwhile and x30 the way back; x27 and x29 are not the
// program's either.

#include <stddef.h>
#include <stdint.h>

enum { kRegisters = 27, kVectors = 8 };

struct Machine {
  uint64_t x[28];
  uint64_t sp, nzcv, tco, host_sp;
  uint64_t v[kVectors][2];
};
_Static_assert(offsetof(struct Machine, sp) == 224, "as the code below has it");

void RunProgram(struct Machine* machine, const void* code);
__asm__(
    ".arch armv8.5-a+memtag\n"
    ".text\n"
    ".global RunProgram\n"
    ".type RunProgram, %function\n"
    "RunProgram:\n"
    "  stp x29, x30, [sp, #-96]!\n"
    "  stp x19, x20, [sp, #16]\n"
    "  stp x21, x22, [sp, #32]\n"
    "  stp x23, x24, [sp, #48]\n"
    "  stp x25, x26, [sp, #64]\n"
    "  stp x27, x28, [sp, #80]\n"
    "  mov x28, x0\n"
    "  mov x27, x1\n"
    "  mov x9, sp\n"
    "  str x9, [x28, #248]\n"
    "  ldr x9, [x28, #224]\n"
    "  mov sp, x9\n"
    "  ldr x9, [x28, #232]\n"
    "  msr nzcv, x9\n"
    "  add x9, x28, #256\n"
    "  ld1 {v0.16b-v3.16b}, [x9], #64\n"
    "  ld1 {v4.16b-v7.16b}, [x9]\n"
    "  ldp x0, x1, [x28]\n"
    "  ldp x2, x3, [x28, #16]\n"
    "  ldp x4, x5, [x28, #32]\n"
    "  ldp x6, x7, [x28, #48]\n"
    "  ldp x8, x9, [x28, #64]\n"
    "  ldp x10, x11, [x28, #80]\n"
    "  ldp x12, x13, [x28, #96]\n"
    "  ldp x14, x15, [x28, #112]\n"
    "  ldp x16, x17, [x28, #128]\n"
    "  ldp x18, x19, [x28, #144]\n"
    "  ldp x20, x21, [x28, #160]\n"
    "  ldp x22, x23, [x28, #176]\n"
    "  ldp x24, x25, [x28, #192]\n"
    "  ldr x26, [x28, #208]\n"
    "  blr x27\n"
    "  stp x0, x1, [x28]\n"
    "  stp x2, x3, [x28, #16]\n"
    "  stp x4, x5, [x28, #32]\n"
    "  stp x6, x7, [x28, #48]\n"
    "  stp x8, x9, [x28, #64]\n"
    "  stp x10, x11, [x28, #80]\n"
    "  stp x12, x13, [x28, #96]\n"
    "  stp x14, x15, [x28, #112]\n"
    "  stp x16, x17, [x28, #128]\n"
    "  stp x18, x19, [x28, #144]\n"
    "  stp x20, x21, [x28, #160]\n"
    "  stp x22, x23, [x28, #176]\n"
    "  stp x24, x25, [x28, #192]\n"
    "  str x26, [x28, #208]\n"
    "  mov x9, sp\n"
    "  str x9, [x28, #224]\n"
    "  mrs x9, nzcv\n"
    "  str x9, [x28, #232]\n"
    "  mrs x9, tco\n"
    "  str x9, [x28, #240]\n"
    "  msr tco, #0\n"
    "  add x9, x28, #256\n"
    "  st1 {v0.16b-v3.16b}, [x9], #64\n"
    "  st1 {v4.16b-v7.16b}, [x9]\n"
    "  ldr x9, [x28, #248]\n"
    "  mov sp, x9\n"
    "  ldp x19, x20, [sp, #16]\n"
    "  ldp x21, x22, [sp, #32]\n"
    "  ldp x23, x24, [sp, #48]\n"
    "  ldp x25, x26, [sp, #64]\n"
    "  ldp x27, x28, [sp, #80]\n"
    "  ldp x29, x30, [sp], #96\n"
    "  ret\n"
    ".size RunProgram, .-RunProgram\n");

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_TAGS_MACHINE_H_
