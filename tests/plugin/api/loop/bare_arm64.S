// The rounds on QEMU's virt board at EL1: rounds(kind, n, buffer), whose
// arguments lie in memory from the start (-device loader,addr=0x40800000 and
// 0x40800008), then PSCI SYSTEM_OFF. Memory is mapped as it lies, so that it
// has the attributes that exclusive accesses and DC ZVA need.
  .section .boot, "ax"
  .globl _start
_start:
  mov x0, #(3 << 20)         // CPACR_EL1.FPEN
  msr cpacr_el1, x0
  adr x0, vectors
  msr vbar_el1, x0
  adrp x0, table
  msr ttbr0_el1, x0
  ldr x0, =0xff              // attribute 0: normal, write-back
  msr mair_el1, x0
  ldr x0, =0x280803519       // T0SZ 25, 4 KiB, inner shareable, EPD1, 40 bits
  msr tcr_el1, x0
  isb
  mrs x0, sctlr_el1
  orr x0, x0, #1             // M
  orr x0, x0, #(1 << 2)      // C
  msr sctlr_el1, x0
  isb
  ldr x0, =0x40700000
  mov sp, x0
  ldr x3, =0x40800000
  ldr x0, [x3]
  ldr x1, [x3, #8]
  ldr x2, =0x40900000
  bl rounds
  ldr x0, =0x84000008        // SYSTEM_OFF
  hvc #0
1:
  wfi
  b 1b

  .balign 2048
vectors:
  .fill 128, 4, 0xd503201f   // nop: four entries of EL1 with SP_EL0
  eret                       // synchronous, EL1: SVC
  .balign 2048

// One level of 1 GiB blocks: 0 device memory, 1 RAM.
  .balign 4096
table:
  .quad 0x00000000 | 0x701
  .quad 0x40000000 | 0x701
  .fill 510, 8, 0
