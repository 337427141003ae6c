#ifndef FAULTLINE_TESTS_ABI_HUGE_FILE_H_
#define FAULTLINE_TESTS_ABI_HUGE_FILE_H_

// Files that have huge pages whatever the machine's settings are: on a tmpfs of
// our own, mounted with huge=always where nobody else sees it.

#include <sched.h>
#include <sys/mount.h>

#include "tests/abi/huge.h"

// From here on what we mount is our own business.
static inline void OwnMounts(void) {
  if (unshare(CLONE_NEWNS) == 0) {
    MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  } else {
    CHECK_EQ(errno, ENOSYS);  // there is one namespace, and it is ours
  }
}

// Mounts a tmpfs on a new directory, whose name it returns.
static inline const char* MountTmpfs(const char* options) {
  static char dir[] = "/tmp/tmpfs.XXXXXX";
  CHECK(mkdtemp(dir) != NULL);
  MUST(mount("tmpfs", dir, "tmpfs", 0, options));
  return dir;
}
static inline void UnmountTmpfs(const char* dir) {
  MUST(umount(dir));
  MUST(rmdir(dir));
}

// A new file without a name on a tmpfs with huge=always, `count` huge pages
// long.
static inline int HugeFile(size_t count) {
  static int dir = -1;
  if (dir < 0) {
    OwnMounts();
    const char* name = MountTmpfs("huge=always");
    dir = MUST(open(name, O_RDONLY | O_DIRECTORY));
    MUST(umount2(name, MNT_DETACH));  // it goes with us
    MUST(rmdir(name));
  }
  int fd = MUST(openat(dir, "file", O_RDWR | O_CREAT | O_EXCL, 0600));
  MUST(unlinkat(dir, "file", 0));
  MUST(ftruncate(fd, (off_t)(count * HugeSize())));
  return fd;
}

// `count` huge pages' worth of `fd` from its start, aligned as they are, with
// nothing mapped beside it.
static inline char* MapHugeFile(int fd, size_t count, int flags) {
  const size_t huge = HugeSize();
  char* area = HugeArea(count);
  MUST(mmap(area, count * huge, kReadWrite, flags | MAP_FIXED, fd, 0));
  return area;
}

static inline long FileHugeKb(const void* start) {
  return SmapsField(start, "ShmemPmdMapped:");
}

// In kilobytes what the file holds in memory.
static inline long FileKb(int fd) {
  struct stat stat;
  MUST(fstat(fd, &stat));
  return (long)stat.st_blocks / 2;
}

#endif  // FAULTLINE_TESTS_ABI_HUGE_FILE_H_
