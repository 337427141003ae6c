#ifndef FAULTLINE_TESTS_ABI_MTE_H_
#define FAULTLINE_TESTS_ABI_MTE_H_

// arm64's Memory Tagging Extension, for tests. Each test's main() is Test();
// other architectures have nothing to show.

#include <setjmp.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"

#ifdef __aarch64__

#ifndef PR_SET_TAGGED_ADDR_CTRL
#define PR_SET_TAGGED_ADDR_CTRL 55
#define PR_GET_TAGGED_ADDR_CTRL 56
#endif

enum {
  kProtMte = 0x20,
  kEnable = 1,
  kSync = 2,
  kAsync = 4,
  kAllTags = 0xfffe << 3,  // all but 0
  kSegvMteAsync = 8,
  kSegvMteSync = 9,
  kExposeTagbits = 0x800,
  kHwcap2Mte = 1 << 18,
  kGranule = 16,
};

static inline void Control(unsigned long flags) {
  MUST(prctl(PR_SET_TAGGED_ADDR_CTRL, flags, 0, 0, 0));
}

static inline uintptr_t Bits(const void* p) { return (uintptr_t)p; }
static inline char* WithTag(const void* p, unsigned tag) {
  return (char*)((Bits(p) & ~(0xful << 56)) | (uintptr_t)tag << 56);
}
static inline unsigned TagOf(const void* p) { return Bits(p) >> 56 & 0xf; }

#define MTE ".arch armv8.5-a+memtag\n\t"
// One granule gets the pointer's tag.
static inline void Stg(void* p) {
  __asm__ volatile(MTE "stg %0, [%0]" ::"r"(p) : "memory");
}
static inline unsigned Ldg(void* p) {
  void* out = p;
  __asm__ volatile(MTE "ldg %0, [%1]" : "+r"(out) : "r"(p) : "memory");
  return TagOf(out);
}
static inline char* Irg(void* p, unsigned long exclude) {
  char* out;
  __asm__ volatile(MTE "irg %0, %1, %2" : "=r"(out) : "r"(p), "r"(exclude));
  return out;
}
static inline void SetTco(bool on) {
  if (on) {
    __asm__ volatile(MTE "msr tco, #1" ::: "memory");
  } else {
    __asm__ volatile(MTE "msr tco, #0" ::: "memory");
  }
}

// Tags [p, p + bytes); the pointer that may access them.
static inline char* Tag(void* p, size_t bytes, unsigned tag) {
  char* const tagged = WithTag(p, tag);
  for (size_t i = 0; i < bytes; i += kGranule) Stg(tagged + i);
  return tagged;
}

static inline char* Tagged(size_t pages) {
  return MUST(mmap(NULL, pages * kPage, kReadWrite | kProtMte,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

// What an access met: a signal's code and address, or 0.
static sigjmp_buf tag_jump;
static volatile int tag_code;
static void* volatile tag_address;
static inline void OnSegv(int signo, siginfo_t* info, void* context) {
  (void)signo, (void)context;
  tag_code = info->si_code;
  tag_address = info->si_addr;
  siglongjmp(tag_jump, 1);
}
static inline void CatchSegv(int flags) {
  struct sigaction action = {.sa_flags = SA_SIGINFO | flags};
  action.sa_sigaction = OnSegv;
  MUST(sigaction(SIGSEGV, &action, NULL));
}
#define MET(access)                \
  ({                               \
    tag_code = 0;                  \
    tag_address = NULL;            \
    if (!sigsetjmp(tag_jump, 1)) { \
      access;                      \
    }                              \
    tag_code;                      \
  })
static inline void Store(char* p, char value) { *(volatile char*)p = value; }
static inline char Load(const char* p) { return *(const volatile char*)p; }

static inline int Ended(pid_t child) {
  int status = -1;
  CHECK_EQ(MUST(waitpid(child, &status, 0)), child);
  return status;
}

static void Test(void);
int main(void) {
  if (!(getauxval(AT_HWCAP2) & kHwcap2Mte)) Skip("no MTE");
  Test();
  return 0;
}

#else

int main(void) { Skip("this architecture has no memory tags"); }

#endif

#endif  // FAULTLINE_TESTS_ABI_MTE_H_
