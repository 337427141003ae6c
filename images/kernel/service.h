#ifndef FAULTLINE_IMAGES_KERNEL_SERVICE_H_
#define FAULTLINE_IMAGES_KERNEL_SERVICE_H_

// What kernel code asks of the machine that runs it. Read by the image's C and
// by plugin/linux/kernel_code.h.

#include <stdint.h>

enum KernelServiceNumber {
  kServiceReturn = 0,  // the routine has returned (kernel_return)
  // A loop begins a round: (bytes moved so far, what else it remembers from one
  // round to the next). Who watches it looks here whether it gets anywhere.
  kServiceRound = 1,
  // A probe has passed, and nothing has been copied yet: (address, bytes).
  kServiceProbed = 2,
  // pagefault_disable() (1) and pagefault_enable() (0).
  kServicePagefaults = 3,
  // fault_in_safe_writeable(address, bytes): bytes not faulted in.
  kServiceFaultInSafeWriteable = 4,
};

uint64_t kernel_service(uint64_t number, uint64_t a, uint64_t b);

#endif  // FAULTLINE_IMAGES_KERNEL_SERVICE_H_
