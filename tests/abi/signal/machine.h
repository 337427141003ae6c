#ifndef FAULTLINE_TESTS_ABI_SIGNAL_MACHINE_H_
#define FAULTLINE_TESTS_ABI_SIGNAL_MACHINE_H_

// The few places where the two architectures' signal contexts differ.

#include <stdint.h>
#include <ucontext.h>

static inline uintptr_t ContextPc(const ucontext_t* context) {
#if defined(__x86_64__)
  return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  return context->uc_mcontext.pc;
#endif
}

static inline void SetContextPc(ucontext_t* context, uintptr_t pc) {
#if defined(__x86_64__)
  context->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
#elif defined(__aarch64__)
  context->uc_mcontext.pc = pc;
#endif
}

// Length of the instructions below.
#if defined(__x86_64__)
enum { kUndefinedBytes = 2, kBreakpointBytes = 1 };
#define UNDEFINED_INSTRUCTION "ud2"
#define BREAKPOINT_INSTRUCTION "int3"
#elif defined(__aarch64__)
enum { kUndefinedBytes = 4, kBreakpointBytes = 4 };
#define UNDEFINED_INSTRUCTION "udf #0"
#define BREAKPOINT_INSTRUCTION "brk #0"
#endif

#endif  // FAULTLINE_TESTS_ABI_SIGNAL_MACHINE_H_
