// MADV_GUARD_INSTALL drops pages and makes their next access SIGSEGV,
// SEGV_MAPERR, without a mapping of its own; MADV_GUARD_REMOVE undoes it.
// Covers: guest_mm/calls/guard_regions.cc
#include <sys/uio.h>

#include "tests/abi/mm/guard.h"
#include "tests/abi/proc.h"

static unsigned long Pagemap(const void* address) {
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  unsigned long word = 0;
  CHECK_EQ(pread(fd, &word, sizeof word, (uintptr_t)address / kPage * 8), 8);
  close(fd);
  return word;
}

int main(void) {
  NeedGuards();
  char* area = Island(4, kReadWrite);
  memset(area, 'x', 4 * kPage);
  Guard(area + kPage, 2);
  CHECK_NO_FAULT(Read(area));
  CHECK_GUARDED(area + kPage);
  CHECK_GUARDED(area + 3 * kPage - 1);
  CHECK_NO_FAULT(Read(area + 3 * kPage));
  CHECK_EQ(CountMaps(area, 4 * kPage), 1);
  CHECK_EQ(Resident(area, 4), 2);
  CHECK_EQ(SmapsField(area, "Rss:"), 8);
  CHECK_EQ(Pagemap(area + kPage) >> 62, 1);
  CHECK_EQ(Pagemap(area + kPage) >> 58 & 1, 1);
  Guard(area, 3);
  Ok("guarded, again and over pages and guards");

  Unguard(area, 4);
  CHECK_EQ(area[0], 0);
  CHECK_EQ(area[kPage], 0);
  CHECK_EQ(area[3 * kPage], 'x');
  CHECK_NO_FAULT(Write(area + 2 * kPage));
  Ok("removed");

  Guard(area + kPage, 1);
  char bytes[8];
  struct iovec local = {bytes, 8}, remote = {area + kPage, 8};
  CHECK_FAILS(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), EFAULT);
  int zero = MUST(open("/dev/zero", O_RDONLY));
  CHECK_FAILS(read(zero, area + kPage, 8), EFAULT);
  CHECK_EQ(read(zero, area + kPage - 4, 8), 4);
  int mem = MUST(open("/proc/self/mem", O_RDWR));
  CHECK_FAILS(pread(mem, bytes, 8, (uintptr_t)area + kPage), EIO);
  CHECK_FAILS(pwrite(mem, bytes, 8, (uintptr_t)area + kPage), EIO);
  Ok("to the kernel it is a bad address");

  CHECK_FAILS(madvise(area, 4 * kPage, MADV_POPULATE_READ), EFAULT);
  CHECK_FAILS(madvise(area, 4 * kPage, MADV_POPULATE_WRITE), EFAULT);
  CHECK_FAILS(mlock(area, 4 * kPage), ENOMEM);
  CHECK_FAILS(madvise(area, 4 * kPage, kGuardInstall), EINVAL);
  MUST(madvise(area, 4 * kPage, kGuardRemove));
  MUST(mlock(area, 4 * kPage));
  CHECK_FAILS(madvise(area, kPage, kGuardInstall), EINVAL);
  MUST(munlock(area, 4 * kPage));
  Ok("locked memory cannot be guarded, guards cannot be locked");

  CHECK_FAILS(madvise(area + 1, kPage, kGuardInstall), EINVAL);
  CHECK_FAILS(madvise(area + 1, kPage, kGuardRemove), EINVAL);
  MUST(madvise(area, 0, kGuardInstall));
  CHECK_NO_FAULT(Read(area));
  MUST(madvise(area, 1, kGuardInstall));
  CHECK_GUARDED(area);
  MUST(munmap(area + kPage, kPage));
  CHECK_FAILS(madvise(area, 4 * kPage, kGuardInstall), ENOMEM);
  CHECK_GUARDED(area + 3 * kPage);
  CHECK_FAILS(madvise(area, 4 * kPage, kGuardRemove), ENOMEM);
  CHECK_NO_FAULT(Read(area + 3 * kPage));
  Ok("lengths and holes");

  char* none = Island(1, PROT_NONE);
  Guard(none, 1);
  CHECK_FAULT(Read(none), SIGSEGV, SEGV_ACCERR, none);
  MUST(mprotect(none, kPage, PROT_READ));
  CHECK_FAULT(Read(none), SIGSEGV, SEGV_MAPERR, none);
  Ok("what may not be read is judged first");

  // What guards have made of neighbours that differ only by their rights does
  // not keep them from becoming one mapping.
  char* rights = Island(3, PROT_NONE);
  MUST(mprotect(rights + kPage, kPage, PROT_READ));
  Guard(rights, 3);
  MUST(mprotect(rights, 3 * kPage, kReadWrite));
  CHECK_EQ(CountMaps(rights, 3 * kPage), 1);
  Ok("guarded neighbours merge");
}
