// arm64: ESR_EL1 in a signal's frame, with the level of the tables at which the
// walk ended, and the address as the program made it.
// Covers: arch_arm64/trap.cc plugin/linux/abi_arm64.cc
// plugin/engine/tag_check.cc

#include <ucontext.h>

#include "tests/abi/check.h"
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"

#ifdef __aarch64__

enum { kEsrMagic = 0x45535201, kExposeTagbits = 0x800 };

static sigjmp_buf jump;
static struct {
  int signo, code;
  uintptr_t told, untagged;
  uint64_t esr;
} met;

static uint64_t EsrIn(const mcontext_t* m) {
  const unsigned char* at = m->__reserved;
  for (;;) {
    const struct _aarch64_ctx* head = (const void*)at;
    if (head->magic == kEsrMagic) return *(const uint64_t*)(head + 1);
    if (head->magic == 0) return 0;
    at += head->size;
  }
}

static void OnEveryFault(int signo, siginfo_t* info, void* context) {
  const mcontext_t* m = &((ucontext_t*)context)->uc_mcontext;
  met.signo = signo;
  met.code = info->si_code;
  met.told = (uintptr_t)info->si_addr;
  met.untagged = m->fault_address;
  met.esr = EsrIn(m);
  siglongjmp(jump, 1);
}

#define MEET(access)                 \
  do {                               \
    memset(&met, 0, sizeof met);     \
    if (!sigsetjmp(jump, 1)) access; \
  } while (0)

static void Load(uintptr_t p) { (void)*(volatile char*)p; }
static void Save(uintptr_t p) { *(volatile char*)p = 1; }

static void Expect(int line, int signo, int code, uintptr_t told,
                   uint64_t esr) {
  if (met.signo != signo || met.code != code || met.told != told ||
      met.esr != esr) {
    printf("line %d: signal %d code %d at %#lx esr %#lx\n", line, met.signo,
           met.code, met.told, (long)met.esr);
    exit(1);
  }
}
#define EXPECT(...) Expect(__LINE__, __VA_ARGS__)

static void Levels(void) {
  // A region of 2 MiB tables of its own: nothing below its start is mapped.
  const uintptr_t base = 0x700000000000;
  char* p =
      MUST(mmap((void*)base, 4ul << 20, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
  MUST(madvise(p, 4ul << 20, MADV_NOHUGEPAGE));
  p[0] = 1;
  MUST(munmap(p + kPage, kPage));
  MEET(Load(base + kPage));
  EXPECT(SIGSEGV, SEGV_MAPERR, base + kPage, 0x92000007);
  MEET(Save(base + kPage));
  EXPECT(SIGSEGV, SEGV_MAPERR, base + kPage, 0x92000047);
  MEET(Load(base + (16ul << 20)));
  EXPECT(SIGSEGV, SEGV_MAPERR, base + (16ul << 20), 0x92000006);
  MEET(Load(base + (1ul << 30)));
  EXPECT(SIGSEGV, SEGV_MAPERR, base + (1ul << 30), 0x92000005);
  MEET(Load(base + (512ul << 30)));
  EXPECT(SIGSEGV, SEGV_MAPERR, base + (512ul << 30), 0x92000004);
  MUST(mprotect(p, kPage, PROT_READ));
  MEET(Save(base + 5));
  EXPECT(SIGSEGV, SEGV_ACCERR, base + 5, 0x9200004f);
  MEET(((void (*)(void))base)());
  EXPECT(SIGSEGV, SEGV_ACCERR, base, 0x8200000f);
  Ok("levels");
}

static void Addresses(void) {
  // Not the program's half, and nobody's: all alike.
  MEET(Load(0xffff000000001234));
  EXPECT(SIGSEGV, SEGV_MAPERR, 0xffff000000001234, 0x92000004);
  MEET(Save(0x0080000000001234));
  EXPECT(SIGSEGV, SEGV_MAPERR, 0x0080000000001234, 0x92000044);
  MEET(Load(0x0500700000001234));
  EXPECT(SIGSEGV, SEGV_MAPERR, 0x0500700000001234, 0x92000007);
  CHECK_EQ(met.untagged, 0x0000700000001234);
  Ok("addresses");
}

static void Alignment(void) {
  char* p = MUST(mmap(NULL, kPage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  p[0] = 1;
  const uintptr_t odd = ((uintptr_t)p + 12) | 3ul << 56;
  MEET(__asm__ volatile("ldxr x9, [%0]" ::"r"(odd) : "x9"));
  met.esr &= ~(1ul << 6);  // WnR: a load to some, a store to others
  EXPECT(SIGBUS, BUS_ADRALN, odd, 0x92000021);
  CHECK_EQ(met.untagged, (uintptr_t)p + 12);
  MUST(mprotect(p, kPage, PROT_READ | PROT_EXEC));
  MEET(((void (*)(void))((uintptr_t)p + 2))());
  CHECK_EQ(met.signo, SIGBUS);
  CHECK_EQ(met.esr, 0x8a000000);
  Ok("alignment");
}

// A frame tells of the last fault, whatever the signal; of an instruction that
// is not known, nothing.
static void Others(void) {
  MEET(Load(8));
  MEET(raise(SIGUSR1));
  CHECK_EQ(met.signo, SIGUSR1);
  CHECK_EQ(met.esr, 0x92000006);
  MEET(__asm__ volatile("brk #7"));
  CHECK_EQ(met.signo, SIGTRAP);
  CHECK_EQ(met.esr, 0x92000006);
  MEET(__asm__ volatile(".inst 0"));
  CHECK_EQ(met.signo, SIGILL);
  CHECK_EQ(met.esr, 0);
  MEET(Load(8));
  MEET(__asm__ volatile(".inst 0xd51800a0"));  // to MPIDR_EL1
  CHECK_EQ(met.signo, SIGILL);
  CHECK_EQ(met.esr, 0);
  Ok("other signals");
}

int main(void) {
  struct sigaction action = {.sa_flags = SA_SIGINFO | kExposeTagbits};
  action.sa_sigaction = OnEveryFault;
  MUST(sigaction(SIGSEGV, &action, NULL));
  MUST(sigaction(SIGBUS, &action, NULL));
  MUST(sigaction(SIGILL, &action, NULL));
  MUST(sigaction(SIGTRAP, &action, NULL));
  MUST(sigaction(SIGUSR1, &action, NULL));
  Levels();
  Addresses();
  Alignment();
  Others();
  return 0;
}

#else

int main(void) {
  Skip("this is arm64's");
  return 0;
}

#endif
