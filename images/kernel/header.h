// The table at the start of a guest kernel image: 64-bit words, in this order.
// plugin/engine/kernel_image.cc has the same list. `.quad 0` where an
// architecture has no such thing.
#include "images/kernel/routines.h"

#define KERNEL_MAGIC 0x4b454e494c544c46  // "FLTLINEK"

// It is assembler, which clang-format does not know.
// clang-format off
#define KERNEL_ROUTINE(name, symbol) .quad symbol ;
#define KERNEL_HEADER(gdt)                                     \
  .section .header, "ax" ;                                     \
  .quad KERNEL_MAGIC ;                                         \
  .quad kernel_base, kernel_data, kernel_end ;                 \
  .quad extable_start, extable_end ;                           \
  .quad boot, enter_user, flush_pages, gdt, stack_top ;        \
  .quad kernel_return ;                                        \
  KERNEL_ROUTINES(KERNEL_ROUTINE)

// An instruction that touches user memory. Where it faults and nothing can be
// done, the next one is `fixup`: an entry of the exception table.
#define USER(fixup, ...)                                       \
  99: __VA_ARGS__ ;                                            \
  .pushsection .extable, "a" ;                                 \
  .quad 99b, fixup ;                                           \
  .popsection
// clang-format on
