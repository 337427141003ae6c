// Both images as read-only data of the program.
.macro embed name, file
  .section .rodata
  .balign 16
  .globl faultline_kernel_\name
faultline_kernel_\name:
  .incbin "\file"
  .globl faultline_kernel_\name\()_end
faultline_kernel_\name\()_end:
.endm

embed x86, "kernel_x86.bin"
embed arm64, "kernel_arm64.bin"
.section .note.GNU-stack, "", %progbits
