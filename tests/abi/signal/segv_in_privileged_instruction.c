// What only a kernel may do: x86-64 raises SIGSEGV with SI_KERNEL and no
// address, arm64 SIGILL at the instruction, and nothing is done. A
// non-canonical address is the former on x86-64 and MAPERR on arm64.
// Covers: plugin/engine/x86_port.cc
#include "tests/abi/memory.h"
#include "tests/abi/signal/machine.h"

static volatile uintptr_t g_pc;

static void OnRefusal(int signal, siginfo_t* info, void* context) {
  g_pc = ContextPc(context);
  OnFault(signal, info, context);
}

static void CheckRefused(const char* what, void* instruction) {
  if (g_pc != (uintptr_t)instruction) FAIL("%s: the program counter", what);
#if defined(__x86_64__)
  if (g_fault.signal != SIGSEGV || g_fault.code != SI_KERNEL ||
      g_fault.address != NULL)
    FAIL("%s", what);
#elif defined(__aarch64__)
  if (g_fault.signal != SIGILL || g_fault.code != ILL_ILLOPC) FAIL("%s", what);
#endif
}

// The instruction `text`, with the address of `area` in %rdi and %rsi or x0;
// what follows it must not run.
#if defined(__x86_64__)
#define TRY(text)                                         \
  if (sigsetjmp(g_fault_return, 1) == 0) {                \
    void* at;                                             \
    __asm__ volatile(                                     \
        "lea 1f(%%rip), %0\n mov %0, %1\n"                \
        "1: " text "\n movb $'b', (%%rsi)\n"              \
        : "=&r"(at), "=m"(g_at)                           \
        : "D"(area), "S"(area), "a"(0), "d"(0x80), "c"(3) \
        : "memory");                                      \
    FAIL("%s was not refused", text);                     \
  } else {                                                \
    CheckRefused(text, g_at);                             \
  }                                                       \
  CHECK_EQ(*area, 'a')
#elif defined(__aarch64__)
#define TRY(text)                          \
  if (sigsetjmp(g_fault_return, 1) == 0) { \
    void* at;                              \
    __asm__ volatile(                      \
        "adr %0, 1f\n str %0, %1\n"        \
        "1: " text "\n strb wzr, [%2]\n"   \
        : "=&r"(at), "=m"(g_at)            \
        : "r"(area)                        \
        : "memory");                       \
    FAIL("%s was not refused", text);      \
  } else {                                 \
    CheckRefused(text, g_at);              \
  }                                        \
  CHECK_EQ(*area, 'a')
#endif
static void* g_at;

// SIGILL at the instruction, whoever asks.
#define TRY_UNDEFINED(text)                                             \
  if (sigsetjmp(g_fault_return, 1) == 0) {                              \
    __asm__ volatile(text "\n movb $'b', (%%rsi)\n" ::"S"(area), "a"(0) \
                     : "memory");                                       \
    FAIL("%s was not refused", text);                                   \
  } else if (g_fault.signal != SIGILL || g_fault.code != ILL_ILLOPN ||  \
             (uintptr_t)g_fault.address != g_pc) {                      \
    FAIL("%s", text);                                                   \
  }                                                                     \
  CHECK_EQ(*area, 'a')

int main(void) {
  struct sigaction action = {.sa_sigaction = OnRefusal, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  MUST(sigaction(SIGILL, &action, NULL));
  char* area = Anonymous(1, kReadWrite);
  *area = 'a';
  for (volatile int i = 0; i < 3; i++) {
#if defined(__x86_64__)
    TRY("hlt");
    TRY("cli");
    TRY("sti");
    TRY("rdmsr");
    TRY("wrmsr");
    TRY("lgdt (%%rdi)");
    TRY("invlpg (%%rdi)");
    TRY("mov %%cr0, %%rax");
    TRY("mov %%rax, %%cr3");
    TRY("mov %%dr7, %%rax");
    TRY("clts");
    TRY("wbinvd");
    TRY("swapgs");
    TRY("sysretq");
    TRY("sysretl");
    TRY("sysexit");
    TRY("lidt (%%rdi)");
    TRY("lldt %%ax");
    TRY("ltr %%ax");
    TRY("lmsw %%ax");
    TRY("invd");
    TRY("rdpmc");
    TRY("iretq");
#elif defined(__aarch64__)
    TRY("msr vbar_el1, xzr");
    TRY("mrs x9, sctlr_el1");
    TRY("tlbi vmalle1");
    TRY("eret");
#endif
  }
  Ok("a privileged instruction");
#if defined(__x86_64__)
  TRY_UNDEFINED("mov %%cr1, %%rax");
  TRY_UNDEFINED("mov %%rax, %%cr15");
  TRY_UNDEFINED("rsm");
  TRY_UNDEFINED("getsec");
  Ok("one that there is not");
  for (volatile int i = 0; i < 3; i++) {
    TRY("inb %%dx, %%al");
    TRY("inw %%dx, %%ax");
    TRY("inl $0x80, %%eax");
    TRY("outb %%al, %%dx");
    TRY("outl %%eax, $0x80");
    TRY("outsb");
    TRY("rep outsl");
  }
  Ok("ports");
  CHECK_FAULT(Read((char*)(1ul << 62)), SIGSEGV, SI_KERNEL, 0);
#elif defined(__aarch64__)
  CHECK_FAULT(Read((char*)(1ul << 54)), SIGSEGV, SEGV_MAPERR, 1ul << 54);
#endif
  Ok("an address that cannot be");
}
