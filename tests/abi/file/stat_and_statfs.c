// stat: type, size, blocks, link count; statfs; fsync and fadvise do nothing
// wrong.
// Covers: plugin/linux/fs/calls/stat_calls.cc
// Covers: plugin/linux/fs/calls/statfs_calls.cc
#include <sys/statfs.h>

#include "tests/abi/file/directory.h"

int main(void) {
  EnterScratchDirectory();
  MakeFile("f", "12345678");
  struct stat st;
  MUST(stat("f", &st));
  CHECK(S_ISREG(st.st_mode));
  CHECK_EQ(st.st_size, 8);
  CHECK_EQ(st.st_nlink, 1);
  CHECK_EQ(st.st_uid, 0);
  CHECK(st.st_blksize >= 512);
  MUST(stat(".", &st));
  CHECK(S_ISDIR(st.st_mode));
  CHECK_FAILS(stat("nowhere", &st), ENOENT);
  CHECK_FAILS(stat("", &st), ENOENT);
  Ok("stat");
  struct statfs fs;
  MUST(statfs(".", &fs));
  CHECK(fs.f_bsize >= 512);
  CHECK(fs.f_namelen >= 255);
  char name[300];
  memset(name, 'n', sizeof name);
  name[299] = 0;
  CHECK_FAILS(open(name, O_CREAT | O_WRONLY, 0644), ENAMETOOLONG);
  Ok("statfs and the longest name");
  int fd = MUST(open("f", O_RDWR));
  MUST(fstatfs(fd, &fs));
  MUST(fsync(fd));
  CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
  CHECK_EQ(posix_fadvise(fd, 0, 0, 99), EINVAL);
  Ok("fsync, fadvise");
  MUST(unlink("f"));
  RemoveScratchDirectory();
}
