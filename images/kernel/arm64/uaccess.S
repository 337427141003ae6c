// Copies between kernel and user memory, arm64. images/kernel/uaccess.h says
// what each does; arguments and results are as in C.
//
// User memory is accessed as EL0 would (LDTR, STTR). Words are aligned in it,
// so none lies across two pages or tag granules, and one that faults has no byte
// that could have been copied.

#include "images/kernel/header.h"

#define EFAULT 14

.text

// One byte or word, `at` bytes on.
.macro COPY_ONE user, size, scratch, at, fixup
  .ifc \user, x1
    USER(\fixup, ldtr\size \scratch, [x1, #\at])
    str\size \scratch, [x0, #\at]
  .else
    ldr\size \scratch, [x1, #\at]
    USER(\fixup, sttr\size \scratch, [x0, #\at])
  .endif
.endm

// x0 to, x1 from, x2 bytes -> x0 bytes not copied. `user` is the one of the two
// pointers that is of user memory.
.macro COPY name, user
.globl \name
\name:
1:
  tst \user, #7
  b.eq 2f
  cbz x2, left
  COPY_ONE \user, b, w3, 0, left
  add x1, x1, #1
  add x0, x0, #1
  sub x2, x2, #1
  b 1b
2:
  subs x2, x2, #64
  b.lo 3f
  COPY_ONE \user, , x3, 0, fix_0
  COPY_ONE \user, , x3, 8, fix_8
  COPY_ONE \user, , x3, 16, fix_16
  COPY_ONE \user, , x3, 24, fix_24
  COPY_ONE \user, , x3, 32, fix_32
  COPY_ONE \user, , x3, 40, fix_40
  COPY_ONE \user, , x3, 48, fix_48
  COPY_ONE \user, , x3, 56, fix_56
  add x1, x1, #64
  add x0, x0, #64
  b 2b
3:
  add x2, x2, #64
4:
  cmp x2, #8
  b.lo 5f
  COPY_ONE \user, , x3, 0, left
  add x1, x1, #8
  add x0, x0, #8
  sub x2, x2, #8
  b 4b
5:
  cbz x2, left
  COPY_ONE \user, b, w3, 0, left
  add x1, x1, #1
  add x0, x0, #1
  sub x2, x2, #1
  b 5b
.endm

COPY copy_to_user, x0
COPY copy_from_user, x1

// Inside of a round of 64 bytes, which x2 does not count any more.
.irp done, 0, 8, 16, 24, 32, 40, 48, 56
fix_\done:
  add x0, x2, #(64 - \done)
  ret
.endr

left:
  mov x0, x2
  ret

// x0 to, x1 bytes -> x0 bytes not cleared
.globl clear_user
clear_user:
  mov x2, x1
1:
  tst x0, #7
  b.eq 2f
  cbz x2, left
  USER(left, sttrb wzr, [x0])
  add x0, x0, #1
  sub x2, x2, #1
  b 1b
2:
  cmp x2, #8
  b.lo 3f
  USER(left, sttr xzr, [x0])
  add x0, x0, #8
  sub x2, x2, #8
  b 2b
3:
  cbz x2, left
  USER(left, sttrb wzr, [x0])
  add x0, x0, #1
  sub x2, x2, #1
  b 3b

// x0 from -> x0 0 or -EFAULT, x1 the value
.macro GET_USER name, load
.globl \name
\name:
  USER(failed, \load)
  mov x0, #0
  ret
.endm
GET_USER get_user_1, "ldtrb w1, [x0]"
GET_USER get_user_2, "ldtrh w1, [x0]"
GET_USER get_user_4, "ldtr w1, [x0]"
GET_USER get_user_8, "ldtr x1, [x0]"

// x0 to, x1 the value -> x0 0 or -EFAULT
.macro PUT_USER name, store
.globl \name
\name:
  USER(failed, \store)
  mov x0, #0
  ret
.endm
PUT_USER put_user_1, "sttrb w1, [x0]"
PUT_USER put_user_2, "sttrh w1, [x0]"
PUT_USER put_user_4, "sttr w1, [x0]"
PUT_USER put_user_8, "sttr x1, [x0]"

failed:
  mov x0, #-EFAULT
  mov x1, #0
  ret

// x0 word, w1 expected, w2 desired -> x0 0 or -EFAULT, x1 found
.globl cmpxchg_user_4
cmpxchg_user_4:
1:
  USER(failed, ldxr w3, [x0])
  cmp w3, w1
  b.ne 2f
  USER(failed, stlxr w4, w2, [x0])
  cbnz w4, 1b
2:
  mov w1, w3
  mov x0, #0
  ret

// x0 to, x1 from, x2 at most -> x0 bytes before the NUL, or x2 where there is
// none, or -EFAULT
.globl strncpy_from_user
strncpy_from_user:
  mov x3, #0
1:
  cmp x3, x2
  b.eq 2f
  USER(failed, ldtrb w4, [x1])
  strb w4, [x0, x3]
  cbz w4, 2f
  add x1, x1, #1
  add x3, x3, #1
  b 1b
2:
  mov x0, x3
  ret

// x0 from, x1 at most -> x0 bytes with the NUL, more than x1 where there is none,
// 0 where it faults
.globl strnlen_user
strnlen_user:
  mov x2, #0
1:
  add x2, x2, #1
  cmp x2, x1
  b.hi 2f
  USER(3f, ldtrb w3, [x0])
  add x0, x0, #1
  cbnz w3, 1b
2:
  mov x0, x2
  ret
3:
  mov x0, #0
  ret
