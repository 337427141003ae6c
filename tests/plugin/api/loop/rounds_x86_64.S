// rounds(kind, n, buffer): `n` rounds of a kind, alike in a program and on a
// bare machine. `buffer` is 256 KiB, aligned to a page.
// Of a program's accesses those between the two marks are the rounds'.
//   0  loads and stores of 1 to 8 bytes, of both signs, some across pages
//   1  16 bytes at once
//   2  atomic operations
//   3  string instructions
//   4  calls, and branches that are sometimes taken
//   5  system calls
//   6  a page more each round
//   7  a string instruction that QEMU interrupts; 16 bytes across pages
  .text
  .globl rounds
  .type rounds, @function
rounds:
  push %rbx
  push %r12
  mov %rsi, %r12             // rounds left
  mov %rdx, %rbx
  lea kinds(%rip), %rax
  movslq (%rax,%rdi,4), %rdi
  add %rax, %rdi
  xor %eax, %eax
  nopl 0x12345678(%rax)      // mark
1:
  call *%rdi
  dec %r12
  jnz 1b
  nopl 0x12345679(%rax)      // mark
  pop %r12
  pop %rbx
  ret

kinds:
  .long plain - kinds, wide - kinds, atomic - kinds, string - kinds
  .long branches - kinds, calls - kinds, page - kinds, long - kinds

plain:
  mov %r12b, (%rbx)
  mov %r12w, 2(%rbx)
  mov %r12d, 4(%rbx)
  mov %r12, 8(%rbx)
  movb $-3, 1(%rbx)
  movzbl (%rbx), %ecx
  movsbq 1(%rbx), %rcx
  movswl 2(%rbx), %ecx
  movslq 4(%rbx), %rcx
  add 8(%rbx), %rcx
  add %rcx, 16(%rbx)         // loads and stores
  mov %rcx, 4093(%rbx)
  mov 4093(%rbx), %rdx
  push %rdx
  pop %rdx
  nop
  ret

wide:
  movups (%rbx), %xmm0
  movups %xmm0, 32(%rbx)
  movdqu 36(%rbx), %xmm1
  paddd 48(%rbx), %xmm1
  movsd 8(%rbx), %xmm2
  movss 4(%rbx), %xmm2
  ret

atomic:
  mov $1, %ecx
  lock xadd %rcx, 64(%rbx)
  lock incl 72(%rbx)
  mov $5, %edx
  xchg %edx, 76(%rbx)
  mov 64(%rbx), %rax
  lea 1(%rax), %rcx
  lock cmpxchg %rcx, 64(%rbx)
  ret

string:
  push %rdi
  lea 128(%rbx), %rdi
  mov $100, %ecx
  rep stosb
  lea 128(%rbx), %rsi
  lea 1128(%rbx), %rdi
  mov $11, %ecx
  rep movsq
  xor %ecx, %ecx
  rep movsb                  // nothing to do
  lea 128(%rbx), %rsi
  lodsl
  pop %rdi
  ret

branches:
  test $1, %r12b
  jz 2f
  call leaf
2:
  test $3, %r12b
  jnz 3f
  call leaf
3:
  mov $4, %ecx
4:
  loop 4b
  ret
leaf:
  lea 1(%rax), %rax
  ret

calls:
  push %rdi
  mov $39, %eax              // getpid
  syscall
  pop %rdi
  ret

page:
  add $4096, %rbx
  mov %r12, (%rbx)
  mov (%rbx), %rcx
  ret

long:
  push %rdi
  mov %rbx, %rdi
  mov $200000, %ecx
  mov %r12d, %eax
  rep stosb
  movups 4090(%rbx), %xmm0
  movups %xmm0, 8184(%rbx)
  pop %rdi
  ret

  .section .note.GNU-stack, "", @progbits
