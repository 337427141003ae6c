// Seals take rights away for good.
// Covers: plugin/linux/fs/calls/memfd_calls.cc plugin/linux/fs/regular_inode.cc
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"

int main(void) {
  int file = MUST(memfd_create("sealed", MFD_ALLOW_SEALING));
  MUST(ftruncate(file, 2 * kPage));
  MUST(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK));
  CHECK_FAILS(ftruncate(file, kPage), EPERM);
  MUST(fcntl(file, F_ADD_SEALS, F_SEAL_GROW));
  CHECK_FAILS(ftruncate(file, 3 * kPage), EPERM);
  CHECK_FAILS(pwrite(file, "x", 1, 2 * kPage), EPERM);
  // Not even memory beyond the end that leaves the size as it is.
  CHECK_FAILS(fallocate(file, FALLOC_FL_KEEP_SIZE, 2 * kPage, 1), EPERM);
  MUST(fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 2 * kPage));
  CHECK_EQ(MUST(fcntl(file, F_GET_SEALS)), F_SEAL_SHRINK | F_SEAL_GROW);
  Ok("neither shrink nor grow");

  char* map = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, 0));
  CHECK_FAILS(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
  MUST(munmap(map, kPage));
  MUST(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE));
  CHECK_FAILS(pwrite(file, "x", 1, 0), EPERM);
  CHECK_FAILS(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, 0), EPERM);
  char* own = MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, file, 0));
  CHECK_NO_FAULT(Write(own));
  CHECK_FAILS(
      mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_GROWSDOWN, file, 0),
      EINVAL);
  Ok("no write, but private copies; first of all the flags must be right");

  char* none = Island(1, PROT_NONE);
  CHECK_FAILS(pwrite(file, none, 1, 0), KernelSince(6, 15) ? EPERM : EFAULT);
  Ok("which of two errors a write gives is a matter of the version");

  enum { kFutureWrite = 0x10 };  // F_SEAL_FUTURE_WRITE
  int later = MUST(memfd_create("later", MFD_ALLOW_SEALING));
  MUST(ftruncate(later, kPage));
  map = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, later, 0));
  MUST(fcntl(later, F_ADD_SEALS, kFutureWrite));
  CHECK_NO_FAULT(Write(map));
  CHECK_FAILS(madvise(map, kPage, MADV_REMOVE), EPERM);
  CHECK(map[0] != 0);
  Ok("what is mapped may be written, but not be taken out of the file");

  MUST(fcntl(file, F_ADD_SEALS, F_SEAL_SEAL));
  CHECK_FAILS(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK), EPERM);
  int plain = MUST(memfd_create("plain", 0));
  CHECK_EQ(MUST(fcntl(plain, F_GET_SEALS)), F_SEAL_SEAL);
  CHECK_FAILS(memfd_create("x", 0x8000), EINVAL);
  Ok("sealed seals");

  enum { kSealExec = 0x20 };  // F_SEAL_EXEC, which the headers may lack
  int program = MUST(memfd_create("program", MFD_ALLOW_SEALING));
  MUST(ftruncate(program, kPage));
  map = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, program, 0));
  CHECK_FAILS(fcntl(program, F_ADD_SEALS, kSealExec), EBUSY);
  CHECK_EQ(MUST(fcntl(program, F_GET_SEALS)), 0);
  MUST(munmap(map, kPage));
  MUST(fcntl(program, F_ADD_SEALS, kSealExec));
  CHECK_EQ(MUST(fcntl(program, F_GET_SEALS)) & F_SEAL_WRITE, F_SEAL_WRITE);
  Ok("an executable file sealed as such is sealed against writing");
  CHECK_FAILS(fchmod(program, 0600), EPERM);
  MUST(fchmod(program, 0755));
  Ok("and stays executable");

  enum { kNoexecSeal = 8 };  // MFD_NOEXEC_SEAL
  int data = MUST(memfd_create("data", kNoexecSeal));
  CHECK_EQ(MUST(fcntl(data, F_GET_SEALS)), kSealExec);
  CHECK_FAILS(fchmod(data, 0700), EPERM);
  Ok("one that is not stays so");
}
