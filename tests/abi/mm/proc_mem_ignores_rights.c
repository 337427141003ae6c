// /proc/PID/mem is a debugger's way in: what a mapping forbids its process is
// no obstacle, a private page is copied for it; process_vm_readv() and
// process_vm_writev() obey, and know no right that follows from another.
// Covers: plugin/linux/fs/proc/pid_mem.cc plugin/linux/memory/process_vm.cc
#include <fcntl.h>
#include <sys/uio.h>

#include "tests/abi/memory.h"

static int g_mem;

static ssize_t MemWrite(char* at, const char* from, size_t n) {
  return pwrite(g_mem, from, n, (off_t)(uintptr_t)at);
}
static ssize_t MemRead(char* at, char* to, size_t n) {
  return pread(g_mem, to, n, (off_t)(uintptr_t)at);
}
static ssize_t Vm(ssize_t (*call)(pid_t, const struct iovec*, unsigned long,
                                  const struct iovec*, unsigned long,
                                  unsigned long),
                  char* local, char* remote, size_t n) {
  struct iovec mine = {local, n}, theirs = {remote, n};
  return call(getpid(), &mine, 1, &theirs, 1, 0);
}

static void PrivateMemory(void) {
  char* area = Island(4, kReadWrite);
  memset(area, 'a', 4 * kPage);
  char buffer[16] = "debugger";
  MUST(mprotect(area, kPage, PROT_READ));
  CHECK_EQ(MemWrite(area, buffer, 8), 8);
  CHECK(memcmp(area, "debuggeraa", 10) == 0);
  CHECK_EQ(Write(area).signal, SIGSEGV);
  MUST(mprotect(area, kPage, PROT_NONE));
  CHECK_EQ(MemWrite(area + 8, "!", 1), 1);
  CHECK_EQ(MemRead(area, buffer, 10), 10);
  CHECK(memcmp(buffer, "debugger!a", 10) == 0);
  Ok("private memory is read and written whatever its rights");
  MUST(munmap(area + 2 * kPage, kPage));
  static char two[2 * kPage];
  CHECK_EQ(MemRead(area + kPage, two, sizeof two), kPage);
  CHECK_FAILS(MemRead(area + 2 * kPage, two, 1), EIO);
  CHECK_FAILS(MemWrite(area + 2 * kPage, two, 1), EIO);
  Ok("what is not there is not");
}

static void WhatForkShares(void) {
  char* area = Island(1, kReadWrite);
  area[0] = 'p';
  MUST(mprotect(area, kPage, PROT_READ));
  int go[2];
  MUST(pipe(go));
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    char c;
    CHECK_EQ(read(go[0], &c, 1), 1);
    CHECK_EQ(area[0], 'p');
    _exit(0);
  }
  CHECK_EQ(MemWrite(area, "w", 1), 1);
  CHECK_EQ(area[0], 'w');
  CHECK_EQ(write(go[1], "", 1), 1);
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  Ok("a page shared with a child is copied first");
}

static void SharedMemory(void) {
  char* area = (char*)MUST(
      mmap(NULL, kPage, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  char c;
  CHECK_FAILS(MemWrite(area, "x", 1), EIO);
  CHECK_EQ(MemRead(area, &c, 1), 1);
  Ok("what others see is not written to");
}

static void Obedient(void) {
  char* area = Island(3, kReadWrite);
  memset(area, 'a', 3 * kPage);
  char c = 'z';
  MUST(mprotect(area, kPage, PROT_READ));
  MUST(mprotect(area + kPage, kPage, PROT_WRITE));
  MUST(mprotect(area + 2 * kPage, kPage, PROT_NONE));
  CHECK_EQ(Vm(process_vm_readv, &c, area, 1), 1);
  CHECK_EQ(c, 'a');
  CHECK_FAILS(Vm(process_vm_writev, &c, area, 1), EFAULT);
  CHECK_EQ(Vm(process_vm_writev, &c, area + kPage, 1), 1);
  CHECK_FAILS(Vm(process_vm_readv, &c, area + kPage, 1), EFAULT);
  CHECK_FAILS(Vm(process_vm_readv, &c, area + 2 * kPage, 1), EFAULT);
  CHECK_FAILS(Vm(process_vm_writev, &c, area + 2 * kPage, 1), EFAULT);
  Ok("process_vm_readv() reads what may be read, not what may be written");
}

static void OthersFirst(void) {
  char* area = Island(3, kReadWrite);
  memset(area, 'a', kPage);
  MUST(munmap(area + 2 * kPage, kPage));
  char c;
  // Nothing to copy: nobody is looked for.
  struct iovec none = {&c, 0}, one = {&c, 1};
  CHECK_EQ(process_vm_readv(999999999, &none, 1, &one, 1, 0), 0);
  CHECK_EQ(process_vm_readv(999999999, &one, 1, &none, 1, 0), 0);
  // The remote pages are had before the local ones are touched.
  CHECK_FAILS(Vm(process_vm_writev, area + 2 * kPage, area + kPage, 1), EFAULT);
  CHECK_EQ(Resident(area + kPage, 1), 1);
  Ok("remote pages come first");
  // The same memory, moved by one byte.
  memset(area, 'a', 16);
  CHECK_EQ(Vm(process_vm_writev, area, area + 1, 15), 15);
  CHECK_EQ(area[15], 'a');
  Ok("both may be the same");
}

int main(void) {
  g_mem = MUST(open("/proc/self/mem", O_RDWR));
  PrivateMemory();
  WhatForkShares();
  SharedMemory();
  Obedient();
  OthersFirst();
  return 0;
}
