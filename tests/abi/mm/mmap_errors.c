// Every way of asking mmap for the impossible has its own errno.
// Covers: plugin/linux/memory/map_calls.cc
#include "tests/abi/memory.h"

#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif

int main(void) {
  const int kAnon = MAP_PRIVATE | MAP_ANONYMOUS;
  CHECK_FAILS(mmap(NULL, 0, PROT_READ, kAnon, -1, 0), EINVAL);
  CHECK_FAILS(mmap(NULL, kPage, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
  Ok("no length, no type");

  CHECK_FAILS(mmap(NULL, (size_t)-kPage, PROT_READ, kAnon, -1, 0), ENOMEM);
  CHECK_FAILS(mmap(NULL, (size_t)-1, PROT_READ, kAnon, -1, 0), ENOMEM);
  CHECK_FAILS(mmap(NULL, 1ul << 62, PROT_READ, kAnon, -1, 0), ENOMEM);
  Ok("longer than the address space");

  CHECK_FAILS(mmap((void*)0x10001, kPage, PROT_READ, kAnon | MAP_FIXED, -1, 0),
              EINVAL);
  CHECK_FAILS(mmap((void*)-kPage, kPage, PROT_READ, kAnon | MAP_FIXED, -1, 0),
              ENOMEM);
  Ok("an impossible fixed address");

  int file = LetterFile(1);
  CHECK_FAILS(syscall(SYS_mmap, NULL, kPage, PROT_READ, MAP_PRIVATE, file, 1),
              EINVAL);
  CHECK_FAILS(mmap(NULL, kPage, PROT_READ, MAP_PRIVATE, 99, 0), EBADF);
  CHECK_FAILS(
      mmap(NULL, kPage, PROT_READ, MAP_SHARED_VALIDATE | 1 << 22, file, 0),
      EOPNOTSUPP);
  Ok("offset, descriptor, unknown flag");

  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  int reader = MUST(open(path, O_RDONLY));
  CHECK_FAILS(mmap(NULL, kPage, kReadWrite, MAP_SHARED, reader, 0), EACCES);
  MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, reader, 0));
  int writer = MUST(open(path, O_WRONLY));
  CHECK_FAILS(mmap(NULL, kPage, PROT_READ, MAP_PRIVATE, writer, 0), EACCES);
  int directory = MUST(open("/", O_RDONLY | O_DIRECTORY));
  CHECK_FAILS(mmap(NULL, kPage, PROT_READ, MAP_PRIVATE, directory, 0), ENODEV);
  int ends[2];
  MUST(pipe(ends));
  CHECK_FAILS(mmap(NULL, kPage, PROT_READ, MAP_SHARED, ends[0], 0), ENODEV);
  CHECK_FAILS(mmap(NULL, kPage, kReadWrite, MAP_SHARED, ends[0], 0), EACCES);
  CHECK_FAILS(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, ends[0], 0), ENODEV);
  Ok("access mode of the file");

  // Room is looked for before the file is.
  char* taken = Anonymous(1, PROT_NONE);
  CHECK_FAILS(mmap(taken, kPage, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE,
                   ends[0], 0),
              EEXIST);
  CHECK_FAILS(mmap(NULL, 1ul << 60, PROT_READ, MAP_SHARED, ends[0], 0), ENOMEM);
  Ok("no room for what cannot be mapped");
}
