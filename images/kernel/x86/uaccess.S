// Copies between kernel and user memory, x86-64. images/kernel/uaccess.h says
// what each does; arguments and results are as in C.
//
// Words are aligned in user memory, so none lies across two pages, and one that
// faults has no byte that could have been copied.

#include "images/kernel/header.h"

#define EFAULT 14

.text

// %rdi to, %rsi from, %rdx bytes -> %rax bytes not copied. `user` is the one of
// the two pointers that is of user memory.
.macro COPY name, user
.globl \name
\name:
  mov %rdx, %rax
1:
  test $7, %\user
  jz 2f
  test %rax, %rax
  jz 8f
  COPY_ONE \user, %cl, 0, 8f
  inc %rsi
  inc %rdi
  dec %rax
  jmp 1b
2:
  sub $64, %rax
  jb 3f
  COPY_ONE \user, %rcx, 0, fix_0
  COPY_ONE \user, %rcx, 8, fix_8
  COPY_ONE \user, %rcx, 16, fix_16
  COPY_ONE \user, %rcx, 24, fix_24
  COPY_ONE \user, %rcx, 32, fix_32
  COPY_ONE \user, %rcx, 40, fix_40
  COPY_ONE \user, %rcx, 48, fix_48
  COPY_ONE \user, %rcx, 56, fix_56
  add $64, %rsi
  add $64, %rdi
  jmp 2b
3:
  add $64, %rax
4:
  cmp $8, %rax
  jb 5f
  COPY_ONE \user, %rcx, 0, 8f
  add $8, %rsi
  add $8, %rdi
  sub $8, %rax
  jmp 4b
5:
  test %rax, %rax
  jz 8f
  COPY_ONE \user, %cl, 0, 8f
  inc %rsi
  inc %rdi
  dec %rax
  jmp 5b
8:
  ret
.endm

// One byte or word through `scratch`, `at` bytes on.
.macro COPY_ONE user, scratch, at, fixup
  .ifc \user, rsi
    USER(\fixup, mov \at(%rsi), \scratch)
    mov \scratch, \at(%rdi)
  .else
    mov \at(%rsi), \scratch
    USER(\fixup, mov \scratch, \at(%rdi))
  .endif
.endm

COPY copy_to_user, rdi
COPY copy_from_user, rsi

// Inside of a round of 64 bytes, which %rax does not count any more.
.irp done, 0, 8, 16, 24, 32, 40, 48, 56
fix_\done:
  add $(64 - \done), %rax
  ret
.endr

// %rdi to, %rsi bytes -> %rax bytes not cleared
.globl clear_user
clear_user:
  mov %rsi, %rax
  xor %ecx, %ecx
1:
  test $7, %rdi
  jz 2f
  test %rax, %rax
  jz 8f
  USER(8f, mov %cl, (%rdi))
  inc %rdi
  dec %rax
  jmp 1b
2:
  cmp $8, %rax
  jb 3f
  USER(8f, mov %rcx, (%rdi))
  add $8, %rdi
  sub $8, %rax
  jmp 2b
3:
  test %rax, %rax
  jz 8f
  USER(8f, mov %cl, (%rdi))
  inc %rdi
  dec %rax
  jmp 3b
8:
  ret

// %rdi from -> %rax 0 or -EFAULT, %rdx the value
.macro GET_USER name, load
.globl \name
\name:
  xor %eax, %eax
  USER(failed, \load)
  ret
.endm
GET_USER get_user_1, "movzbl (%rdi), %edx"
GET_USER get_user_2, "movzwl (%rdi), %edx"
GET_USER get_user_4, "mov (%rdi), %edx"
GET_USER get_user_8, "mov (%rdi), %rdx"

// %rdi to, %rsi the value -> %rax 0 or -EFAULT
.macro PUT_USER name, store
.globl \name
\name:
  xor %eax, %eax
  USER(failed, \store)
  ret
.endm
PUT_USER put_user_1, "mov %sil, (%rdi)"
PUT_USER put_user_2, "mov %si, (%rdi)"
PUT_USER put_user_4, "mov %esi, (%rdi)"
PUT_USER put_user_8, "mov %rsi, (%rdi)"

failed:
  mov $-EFAULT, %rax
  xor %edx, %edx
  ret

// %rdi word, %esi expected, %edx desired -> %rax 0 or -EFAULT, %rdx found
.globl cmpxchg_user_4
cmpxchg_user_4:
  mov %esi, %eax
  USER(failed, lock cmpxchg %edx, (%rdi))
  mov %eax, %edx
  xor %eax, %eax
  ret

// %rdi to, %rsi from, %rdx at most -> %rax bytes before the NUL, or %rdx where
// there is none, or -EFAULT
.globl strncpy_from_user
strncpy_from_user:
  xor %eax, %eax
1:
  cmp %rdx, %rax
  je 2f
  USER(failed, movb (%rsi, %rax), %cl)
  mov %cl, (%rdi, %rax)
  test %cl, %cl
  jz 2f
  inc %rax
  jmp 1b
2:
  ret

// %rdi from, %rsi at most -> %rax bytes with the NUL, more than %rsi where there
// is none, 0 where it faults
.globl strnlen_user
strnlen_user:
  xor %eax, %eax
1:
  inc %rax
  cmp %rsi, %rax
  ja 2f
  USER(3f, cmpb $0, -1(%rdi, %rax))
  jne 1b
2:
  ret
3:
  xor %eax, %eax
  ret
