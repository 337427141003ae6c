// The rounds on a bare PC, as its firmware: from the reset vector to 64 bits,
// then rounds(kind, n, buffer), whose arguments lie in memory from the start
// (-device loader,addr=0x7000 and 0x7008), then the end by isa-debug-exit.
  .section .reset, "ax"
  .code16
  jmp start16
  .balign 16

  .section .boot, "ax"
  .code16
start16:
  cli
  lgdtl %cs:(gdt_pointer - 0xffff0000)
  mov $0x11, %eax            // PE, ET
  mov %eax, %cr0
  ljmpl $8, $start32

  .code32
start32:
  mov $16, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  // The first 4 GiB at their own addresses, by pages of 1 GiB.
  movl $0x2003, 0x1000       // PML4[0]
  movl $0, 0x1004
  movl $0x00000083, 0x2000
  movl $0, 0x2004
  movl $0x40000083, 0x2008
  movl $0, 0x200c
  movl $0x80000083, 0x2010
  movl $0, 0x2014
  movl $0xc0000083, 0x2018
  movl $0, 0x201c
  mov $0x1000, %eax
  mov %eax, %cr3
  mov $0x620, %eax           // PAE, OSFXSR, OSXMMEXCPT
  mov %eax, %cr4
  mov $0xc0000080, %ecx      // EFER: LME, SCE
  xor %edx, %edx
  mov $0x101, %eax
  wrmsr
  mov $0x80000013, %eax      // PG, MP, ET, PE
  mov %eax, %cr0
  ljmpl $24, $start64

  .code64
start64:
  mov $0x6000, %esp
  mov $0xc0000082, %ecx      // LSTAR
  mov $handler, %eax
  xor %edx, %edx
  wrmsr
  mov $0xc0000081, %ecx      // STAR: the same segments again
  mov $24, %edx
  xor %eax, %eax
  wrmsr
  mov 0x7000, %rdi
  mov 0x7008, %rsi
  mov $0x100000, %edx
  call rounds
  mov $0x31, %eax
  out %al, $0xf4
1:
  hlt
  jmp 1b

// syscall in ring 0 comes here and goes back.
handler:
  jmp *%rcx

  .balign 16
gdt:
  .quad 0
  .quad 0x00cf9b000000ffff   // 8: 32-bit code
  .quad 0x00cf93000000ffff   // 16: data
  .quad 0x00af9b000000ffff   // 24: 64-bit code
  .quad 0x00cf93000000ffff   // 32: data, as syscall wants it
gdt_pointer:
  .short gdt_pointer - gdt - 1
  .long gdt
