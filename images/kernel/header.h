// The table at the start of a guest kernel image: 64-bit words, in this order.
// plugin/engine/kernel_image.cc has the same list. `.quad 0` where an
// architecture has no such thing.
#define KERNEL_MAGIC 0x4b454e494c544c46  // "FLTLINEK"

// It is assembler, which clang-format does not know.
// clang-format off
#define KERNEL_HEADER(gdt)                                     \
  .section .header, "ax" ;                                     \
  .quad KERNEL_MAGIC ;                                         \
  .quad kernel_base, kernel_data, kernel_end ;                 \
  .quad boot, enter_user, flush_pages, gdt, stack_top
// clang-format on
