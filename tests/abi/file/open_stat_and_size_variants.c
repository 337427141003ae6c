// The other forms of open, stat, truncate and fallocate.
// Covers: plugin/linux/fs/calls/open_calls.cc
// Covers: plugin/linux/fs/calls/stat_calls.cc
// Covers: plugin/linux/fs/calls/size_calls.cc
// Covers: plugin/linux/fs/regular_file.cc
#include <linux/openat2.h>
#include <sys/uio.h>

#include "tests/abi/file/directory.h"

static long Openat2(int at, const char* path, struct open_how how,
                    size_t bytes) {
  return syscall(SYS_openat2, at, path, &how, bytes);
}

int main(void) {
  EnterScratchDirectory();
  int made = MUST(creat("f", 0600));
  CHECK_EQ(write(made, "12345678", 8), 8);
  MUST(close(made));
  MUST(mkdir("d", 0755));
  MUST(symlink("../f", "d/up"));
#ifdef SYS_open
  MUST(close(MUST(syscall(SYS_open, "f", O_RDONLY))));
  MUST(close(MUST(syscall(SYS_creat, "f2", 0600))));
  MUST(unlink("f2"));
#endif
  struct open_how how = {.flags = O_RDWR};
  int fd = MUST(Openat2(AT_FDCWD, "f", how, sizeof how));
  how.resolve = RESOLVE_BENEATH;
  int directory = MUST(open("d", O_RDONLY | O_DIRECTORY));
  CHECK_FAILS(Openat2(directory, "up", how, sizeof how), EXDEV);
  CHECK_FAILS(Openat2(directory, "../f", how, sizeof how), EXDEV);
  how.resolve = RESOLVE_NO_SYMLINKS;
  CHECK_FAILS(Openat2(directory, "up", how, sizeof how), ELOOP);
  how.resolve = 1ull << 40;
  CHECK_FAILS(Openat2(AT_FDCWD, "f", how, sizeof how), EINVAL);
  how = (struct open_how){.flags = O_RDWR, .mode = 0600};
  CHECK_FAILS(Openat2(AT_FDCWD, "f", how, sizeof how), EINVAL);
  how = (struct open_how){.flags = 1ull << 40};
  CHECK_FAILS(Openat2(AT_FDCWD, "f", how, sizeof how), EINVAL);
  CHECK_FAILS(Openat2(AT_FDCWD, "f", how, 8), EINVAL);
  CHECK_FAILS(syscall(SYS_openat2, AT_FDCWD, "f", (void*)8, sizeof how),
              EFAULT);
  int nameless = MUST(open(".", O_TMPFILE | O_RDWR, 0600));
  struct stat st;
  MUST(fstat(nameless, &st));
  CHECK_EQ(st.st_nlink, 0);
  Ok("open");

  struct statx x;
  MUST(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
  CHECK_EQ(x.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
  CHECK_EQ(x.stx_size, 8);
  CHECK_EQ(x.stx_mode, S_IFREG | 0600);
  MUST(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &x));
  CHECK_EQ(x.stx_size, 8);
  CHECK_FAILS(statx(AT_FDCWD, "f", 0x40000000, 0, &x), EINVAL);
  CHECK_FAILS(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x80000000u, &x), EINVAL);
  MUST(fstatat(AT_FDCWD, "d/up", &st, AT_SYMLINK_NOFOLLOW));
  CHECK(S_ISLNK(st.st_mode));
  CHECK_EQ(st.st_size, 4);
  MUST(fstatat(fd, "", &st, AT_EMPTY_PATH));
  CHECK_FAILS(fstatat(AT_FDCWD, "f", &st, 0x40000000), EINVAL);
  CHECK_FAILS(fstat(99, &st), EBADF);
#ifdef SYS_stat
  MUST(syscall(SYS_stat, "d/up", &st));
  CHECK(S_ISREG(st.st_mode));
  MUST(syscall(SYS_lstat, "d/up", &st));
  CHECK(S_ISLNK(st.st_mode));
  CHECK_FAILS(syscall(SYS_stat, "nowhere", &st), ENOENT);
  CHECK_FAILS(syscall(SYS_stat, "f", (void*)8), EFAULT);
#endif
  Ok("stat");

  MUST(truncate("f", 100));
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_size, 100);
  CHECK_FAILS(truncate("d", 1), EISDIR);
  CHECK_FAILS(truncate("f", -1), EINVAL);
  CHECK_FAILS(ftruncate(fd, -1), EINVAL);
  int reader = MUST(open("f", O_RDONLY));
  CHECK_FAILS(ftruncate(reader, 1), EINVAL);
  MUST(ftruncate(fd, 8192));
  MUST(fallocate(fd, 0, 8192, 4096));
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_size, 12288);
  MUST(fallocate(fd, FALLOC_FL_KEEP_SIZE, 12288, 4096));
  MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  char c = 'x';
  CHECK_EQ(pread(fd, &c, 1, 0), 1);
  CHECK_EQ(c, 0);
  CHECK_FAILS(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096), EOPNOTSUPP);
  CHECK_FAILS(fallocate(fd, 0, -1, 4096), EINVAL);
  CHECK_FAILS(fallocate(fd, 0, 0, 0), EINVAL);
  CHECK_FAILS(fallocate(reader, 0, 0, 1), EBADF);
  int ends[2];
  MUST(pipe(ends));
  CHECK_FAILS(fallocate(ends[1], 0, 0, 1), ESPIPE);
  CHECK_FAILS(fallocate(directory, 0, 0, 1), EBADF);
  Ok("sizes");

  struct iovec parts[2] = {{"ab", 2}, {"cd", 2}};
  CHECK_EQ(pwritev(fd, parts, 2, 4), 4);
  char left[2], right[2];
  struct iovec into[2] = {{left, 2}, {right, 2}};
  CHECK_EQ(preadv(fd, into, 2, 4), 4);
  CHECK_EQ(memcmp(left, "ab", 2) | memcmp(right, "cd", 2), 0);
  CHECK_EQ(preadv2(fd, into, 2, 4, 0), 4);
  MUST(lseek(fd, -4, SEEK_END));
  CHECK_EQ(read(fd, left, 2), 2);
  CHECK_FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
  CHECK_FAILS(lseek(fd, 0, 99), EINVAL);
  MUST(fdatasync(fd));
  CHECK_EQ(readahead(fd, 0, 4096), 0);
  Ok("vectors and positions");
  MUST(unlink("d/up"));
  MUST(rmdir("d"));
  MUST(unlink("f"));
  RemoveScratchDirectory();
}
