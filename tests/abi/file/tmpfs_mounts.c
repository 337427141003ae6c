// Covers: plugin/linux/fs/tmpfs_options.cc plugin/linux/fs/calls/mount_calls.cc
// mount(2) and umount2(2) of file systems in memory.
#include <sys/statfs.h>

#include "tests/abi/huge_file.h"

static char g_path[128];
static const char* In(const char* dir, const char* name) {
  snprintf(g_path, sizeof g_path, "%s/%s", dir, name);
  return g_path;
}

int main(void) {
  OwnMounts();
  const char* dir = MountTmpfs("size=64k,mode=751,uid=5,gid=6");
  struct stat stat_of;
  MUST(stat(dir, &stat_of));
  CHECK_EQ(stat_of.st_mode, S_IFDIR | 0751);
  CHECK_EQ(stat_of.st_uid, 5);
  CHECK_EQ(stat_of.st_gid, 6);
  struct statfs fs;
  MUST(statfs(dir, &fs));
  CHECK_EQ(fs.f_type, 0x01021994);
  CHECK_EQ(fs.f_blocks, 64 * 1024 / kPage);
  CHECK_EQ(fs.f_bfree, fs.f_blocks);
  Ok("options");

  int fd = MUST(open(In(dir, "file"), O_RDWR | O_CREAT, 0600));
  static char bytes[80 * 1024];
  CHECK_EQ(write(fd, bytes, sizeof bytes), 64 * 1024);
  CHECK_FAILS(write(fd, bytes, 1), ENOSPC);
  MUST(statfs(dir, &fs));
  CHECK_EQ(fs.f_bfree, 0);
  MUST(ftruncate(fd, 64 * 1024 + kPage));
  char* map =
      (char*)MUST(mmap(NULL, 64 * 1024 + kPage, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_EQ(Access(map + 64 * 1024, true).signal, SIGBUS);
  MUST(fallocate(fd, 3, 0, kPage));
  CHECK_NO_FAULT(Access(map + 64 * 1024, true));
  MUST(munmap(map, 64 * 1024 + kPage));
  Ok("no more than its size");

  CHECK_FAILS(umount(dir), EBUSY);
  CHECK_FAILS(rmdir(dir), EBUSY);
  MUST(close(fd));
  UnmountTmpfs(dir);
  Ok("busy while a file is open");

  char place[] = "/tmp/mount.XXXXXX";
  CHECK(mkdtemp(place) != NULL);
  CHECK_FAILS(umount(place), EINVAL);
  CHECK_FAILS(mount("none", place, "nosuchfs", 0, NULL), ENODEV);
  CHECK_FAILS(mount("none", place, "tmpfs", 0, "huge=sometimes"), EINVAL);
  CHECK_FAILS(mount("none", place, "tmpfs", 0, "size=4q"), EINVAL);
  CHECK_FAILS(mount("none", place, "tmpfs", 0, "nonsense"), EINVAL);
  CHECK_FAILS(mount("none", "/no/such/place", "tmpfs", 0, NULL), ENOENT);
  CHECK_FAILS(umount2(place, 0x40), EINVAL);
  Ok("refusals");

  MUST(mount("none", place, "tmpfs", MS_RDONLY, NULL));
  CHECK_FAILS(open(In(place, "file"), O_RDWR | O_CREAT, 0600), EROFS);
  MUST(umount(place));
  MUST(mount("none", place, "tmpfs", 0, NULL));
  fd = MUST(open(In(place, "file"), O_RDWR | O_CREAT, 0600));
  MUST(umount2(place, MNT_DETACH));
  CHECK_EQ(write(fd, "x", 1), 1);
  CHECK_FAILS(open(g_path, O_RDONLY), ENOENT);
  MUST(rmdir(place));
  Ok("read-only, and detached in use");
}
