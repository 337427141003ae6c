// The arm64 half of images/README.md. `svc` at EL1 stops the engine.

#include "images/kernel/header.h"

KERNEL_HEADER(0)

.text

// boot(): floating point on; EL0 may read CTR_EL0 (UCT), maintain caches (UCI)
// and zero blocks (DZE); WFI and WFE do not trap (nTWI, nTWE); EL0 may not read
// the counters, which are the host's: the engine answers for them. Ends with an
// address marked exclusive, for the engine to find (plugin/engine/exclusive.cc).
.globl boot
boot:
  mov x0, #(3 << 20)
  msr cpacr_el1, x0
  mrs x0, sctlr_el1
  ldr x1, =((1 << 26) | (1 << 18) | (1 << 16) | (1 << 15) | (1 << 14))
  orr x0, x0, x1
  msr sctlr_el1, x0
  msr cntkctl_el1, xzr
  isb
  sub sp, sp, #64
  ldxr x0, [sp]
  add sp, sp, #64
  svc #0

// enter_user(x0: program counter, x1: PSTATE)
.globl enter_user
enter_user:
  msr elr_el1, x0
  msr spsr_el1, x1
  mov x0, xzr
  mov x1, xzr
  eret

// flush_pages(x0: address of the first page >> 12, x1: how many, x2: bytes of
// a page >> 12)
.globl flush_pages
flush_pages:
1:
  tlbi vaae1is, x0
  add x0, x0, x2
  subs x1, x1, #1
  b.ne 1b
  dsb ish
  isb
  svc #0

// Where a routine returns to that was called from outside of the image.
.globl kernel_return
kernel_return:
  mov x8, #0  // kServiceReturn
  svc #0

// kernel_service(x0: number, x1, x2) -> x0: the machine is asked.
.globl kernel_service
kernel_service:
  mov x8, x0
  svc #0
  ret
.ltorg

.data
.balign 16
  .skip 1024
.globl stack_top
stack_top:
