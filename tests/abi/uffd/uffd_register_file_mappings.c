// Mappings of ordinary files cannot be registered; with WP_ASYNC they can, for
// write protection alone.

#include <linux/magic.h>
#include <sys/vfs.h>

#include "tests/abi/uffd.h"

int main(void) {
  int fd = MUST(open("/proc/self/exe", O_RDONLY));
  struct statfs fs;
  MUST(fstatfs(fd, &fs));
  if (fs.f_type == TMPFS_MAGIC) Skip("this program is in shared memory");
  char* file = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  int u = Uffd(0);
  CHECK_INVALID(Register(u, file, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, file, kPage, kWp), EINVAL);
  CHECK_INVALID(Register(u, file, kPage, kMinor), EINVAL);
  Ok("neither mode is for files");

  int async = Uffd(kFeatureWpAsync);
  CHECK_INVALID(Register(async, file, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(async, file, kPage, kMissing | kWp), EINVAL);
  CHECK_INVALID(Register(async, file, kPage, kMinor), EINVAL);
  Arm(async, file, 4 * kPage, kWp);
  CHECK(HasVmFlag(file, "uw"));
  (void)*(volatile char*)file;
  CHECK_EQ(WriteProtect(async, file, 4 * kPage, kProtect), 0);
  CHECK(IsProtected(file));
  file[0] = 'x';
  CHECK(!IsProtected(file));
  CHECK(!HasMessage(async));
  Ok("WP_ASYNC is");

  CHECK_EQ(Unregister(async, file, 4 * kPage), 0);
  CHECK(!HasVmFlag(file, "uw"));
  Ok("and lets go of them");
  return 0;
}
