// Times are set to the nanosecond, to now, or left as they are, by a path, by a
// link or by a descriptor; only the owner may choose them.
// Covers: plugin/linux/fs/calls/utimes_calls.cc
#include <sys/time.h>
#include <utime.h>

#include "tests/abi/file/directory.h"

static struct stat StatOf(const char* name) {
  struct stat st;
  MUST(lstat(name, &st));
  return st;
}

static void AnotherUser(void) {
  MUST(setgid(1000));
  MUST(setuid(1000));
  struct timespec times[2] = {{1, 0}, {1, 0}};
  CHECK_FAILS(utimensat(AT_FDCWD, "f", times, 0), EPERM);
  CHECK_FAILS(utimensat(AT_FDCWD, "f", NULL, 0), EACCES);
  MUST(utimensat(AT_FDCWD, "open", NULL, 0));  // may be written by all
  struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
  MUST(utimensat(AT_FDCWD, "open", now, 0));
  now[0].tv_nsec = UTIME_OMIT;
  CHECK_FAILS(utimensat(AT_FDCWD, "open", now, 0), EPERM);
}

int main(void) {
  EnterScratchDirectory();
  MUST(chmod(".", 0755));
  MakeFile("f", "x");
  MakeFile("open", "x");
  MUST(chmod("open", 0666));
  MUST(symlink("f", "link"));
  struct timespec times[2] = {{1000, 123456789}, {2000, 987654321}};
  MUST(utimensat(AT_FDCWD, "f", times, 0));
  struct stat st = StatOf("f");
  CHECK_EQ(st.st_atim.tv_sec, 1000);
  CHECK_EQ(st.st_atim.tv_nsec, 123456789);
  CHECK_EQ(st.st_mtim.tv_sec, 2000);
  CHECK_EQ(st.st_mtim.tv_nsec, 987654321);
  Ok("to the nanosecond");

  times[0].tv_nsec = UTIME_OMIT;
  times[1] = (struct timespec){3000, 0};
  MUST(utimensat(AT_FDCWD, "link", times, 0));
  st = StatOf("f");
  CHECK_EQ(st.st_atim.tv_sec, 1000);
  CHECK_EQ(st.st_mtim.tv_sec, 3000);
  times[1] = (struct timespec){4000, 0};
  MUST(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW));
  CHECK_EQ(StatOf("f").st_mtim.tv_sec, 3000);
  CHECK_EQ(StatOf("link").st_mtim.tv_sec, 4000);
  Ok("one of the two, of a link or of what it leads to");

  int fd = MUST(open("f", O_RDONLY));
  times[1].tv_nsec = UTIME_NOW;
  MUST(futimens(fd, times));
  CHECK(StatOf("f").st_mtim.tv_sec > 4000);
  CHECK_EQ(StatOf("f").st_atim.tv_sec, 1000);
  MUST(futimens(fd, NULL));
  CHECK(StatOf("f").st_atim.tv_sec > 4000);
  Ok("now");

  struct timeval micro[2] = {{10, 20}, {30, 40}};
  MUST(utimes("f", micro));
  CHECK_EQ(StatOf("f").st_atim.tv_nsec, 20000);
  CHECK_EQ(StatOf("f").st_mtim.tv_sec, 30);
  MUST(futimesat(AT_FDCWD, "f", NULL));
  CHECK(StatOf("f").st_mtim.tv_sec > 4000);
  struct utimbuf seconds = {.actime = 50, .modtime = 60};
  MUST(utime("f", &seconds));
  CHECK_EQ(StatOf("f").st_atim.tv_sec, 50);
  CHECK_EQ(StatOf("f").st_mtim.tv_sec, 60);
#ifdef SYS_utimes
  MUST(syscall(SYS_utimes, "f", micro));
  CHECK_EQ(StatOf("f").st_mtim.tv_nsec, 40000);
  MUST(syscall(SYS_futimesat, AT_FDCWD, "f", micro));
  MUST(syscall(SYS_utime, "f", &seconds));
  CHECK_EQ(StatOf("f").st_mtim.tv_nsec, 0);
  micro[0].tv_usec = 1000000;
  CHECK_FAILS(syscall(SYS_utimes, "f", micro), EINVAL);
#endif
  Ok("the older calls");

  times[0].tv_nsec = 1000000000;
  CHECK_FAILS(utimensat(AT_FDCWD, "f", times, 0), EINVAL);
  times[0].tv_nsec = 0;
  CHECK_FAILS(utimensat(AT_FDCWD, "f", times, 0x40000000), EINVAL);
  CHECK_FAILS(utimensat(AT_FDCWD, "nowhere", times, 0), ENOENT);
  CHECK_FAILS(syscall(SYS_utimensat, AT_FDCWD, "f", (void*)8, 0), EFAULT);
  CHECK_FAILS(futimens(99, times), EBADF);
  CHECK_EQ(RunChild(AnotherUser), 0);
  Ok("what is refused");
  MUST(unlink("f"));
  MUST(unlink("open"));
  MUST(unlink("link"));
  RemoveScratchDirectory();
}
