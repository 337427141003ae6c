#ifndef FAULTLINE_TESTS_ABI_HWPOISON_H_
#define FAULTLINE_TESTS_ABI_HWPOISON_H_

// Memory errors on order, and what they raise. Not every kernel can be asked
// for them; ours can.

#include "kernel.h"
#include "memory.h"
#include "proc.h"

enum { kHwPoison = 100, kSoftOffline = 101 };

static inline bool CanPoison(void) {
  char byte[2 * kPage];
  char* page = (char*)(((uintptr_t)byte + kPage - 1) & -(uintptr_t)kPage);
  if (IsFaultline() || madvise(page, 0, kHwPoison) == 0) {
    return true;
  }
  Ok("nothing: this kernel cannot be asked to");
  return false;
}

static volatile int g_lsb;
static inline void OnError(int signal, siginfo_t* info, void* context) {
  g_lsb = info->si_addr_lsb;
  OnFault(signal, info, context);
}
static inline void HandleErrors(void) {
  struct sigaction action = {.sa_sigaction = OnError, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGBUS, &action, NULL));
}

// The page at `address` is lost, of a block of 2^`lsb` bytes: its owner is told
// so at once.
static inline void CheckPoison(char* address, int lsb) {
  g_fault = (struct Fault){0, 0, NULL};
  g_lsb = 0;
  if (sigsetjmp(g_fault_return, 1) == 0)
    MUST(madvise(address, kPage, kHwPoison));
  CHECK_EQ(g_fault.signal, SIGBUS);
  CHECK_EQ(g_fault.code, BUS_MCEERR_AR);
  CHECK_EQ((uintptr_t)g_fault.address, (uintptr_t)address);
  CHECK_EQ(g_lsb, lsb);
}

// An access finds out, too.
static inline void CheckLost(char* address, int lsb) {
  g_fault = (struct Fault){0, 0, NULL};
  if (sigsetjmp(g_fault_return, 1) == 0) (void)*(volatile char*)address;
  CHECK_EQ(g_fault.signal, SIGBUS);
  CHECK_EQ(g_fault.code, BUS_MCEERR_AR);
  CHECK_EQ((uintptr_t)g_fault.address, (uintptr_t)address);
  CHECK_EQ(g_lsb, lsb);
}

// HardwareCorrupted of /proc/meminfo, in pages.
static inline long Corrupted(void) {
  return Meminfo("HardwareCorrupted:") * 1024 / kPage;
}

// Where in physical memory the page is, from /proc/self/pagemap.
static inline uint64_t FrameOf(const void* address) {
  uint64_t entry = 0;
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  CHECK_EQ(pread(fd, &entry, 8, (off_t)((uintptr_t)address / kPage * 8)), 8);
  close(fd);
  CHECK(entry >> 63);
  return entry & ((1ull << 55) - 1);
}
static inline uint64_t FlagsOf(uint64_t frame) {
  uint64_t flags = 0;
  int fd = MUST(open("/proc/kpageflags", O_RDONLY));
  CHECK_EQ(pread(fd, &flags, 8, (off_t)(frame * 8)), 8);
  close(fd);
  return flags;
}
enum { kKpfHuge = 17, kKpfUnevictable = 18, kKpfHwPoison = 19 };

#endif  // FAULTLINE_TESTS_ABI_HWPOISON_H_
