// The x86-64 half of images/README.md. `syscall` in ring 0 stops the engine.

#include "images/kernel/header.h"

KERNEL_HEADER(gdt)

.text

// boot(): loads the descriptors and sets the control registers as Linux does.
.globl boot
boot:
  lgdt gdt_pointer(%rip)
  mov $0x18, %eax  // __KERNEL_DS
  mov %eax, %ss
  xor %eax, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %fs
  mov %eax, %gs
  pushq $0x10  // __KERNEL_CS
  lea 1f(%rip), %rax
  push %rax
  lretq
1:
  mov %cr0, %rax
  or $0x10033, %rax  // PE, MP, ET, NE, WP
  and $~0xc, %rax    // not EM, not TS
  mov %rax, %cr0
  mov %cr4, %rax
  or $0x600, %rax    // OSFXSR, OSXMMEXCPT
  mov %rax, %cr4
  syscall

// enter_user(): %rsp points to the frame that iretq pops.
.globl enter_user
enter_user:
  iretq

// flush_pages(%rdi: address of the first page, %rsi: how many, %rdx: bytes
// of a page)
.globl flush_pages
flush_pages:
  invlpg (%rdi)
  add %rdx, %rdi
  dec %rsi
  jnz flush_pages
  syscall

// Where a routine returns to that was called from outside of the image.
.globl kernel_return
kernel_return:
  xor %r10d, %r10d  // kServiceReturn
  syscall

// kernel_service(%rdi: number, %rsi, %rdx) -> %rax: the machine is asked.
.globl kernel_service
kernel_service:
  mov %rdi, %r10
  syscall
  ret

.data
// Linux's selectors: 0x10 kernel code, 0x18 kernel data, 0x2b user data, 0x33
// user code. All have the accessed bit set, so loading one stores nothing.
.balign 16
gdt:
  .quad 0, 0
  .quad 0x00af9b000000ffff  // 0x10
  .quad 0x00cf93000000ffff  // 0x18
  .quad 0
  .quad 0x00cff3000000ffff  // 0x28
  .quad 0x00affb000000ffff  // 0x30
gdt_end:
.globl gdt
gdt_pointer:
  .word gdt_end - gdt - 1
  .quad gdt

.balign 16
  .skip 1024
.globl stack_top
stack_top:
