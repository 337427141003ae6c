// What ioctl knows of every descriptor, of files, and of pipes.
// Covers: plugin/linux/fs/calls/ioctl_calls.cc
#include <sys/ioctl.h>
#include <termios.h>

#include "tests/abi/file/directory.h"

int main(void) {
  EnterScratchDirectory();
  MakeFile("f", "12345678");
  int fd = MUST(open("f", O_RDWR));
  int ends[2];
  MUST(pipe(ends));

  CHECK_EQ(fcntl(fd, F_GETFD), 0);
  MUST(ioctl(fd, FIOCLEX));
  CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  MUST(ioctl(fd, FIONCLEX));
  CHECK_EQ(fcntl(fd, F_GETFD), 0);
  Ok("close on exec");

  int on = 1, off = 0;
  MUST(ioctl(ends[0], FIONBIO, &on));
  CHECK_EQ(fcntl(ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  char c;
  CHECK_FAILS(read(ends[0], &c, 1), EAGAIN);
  MUST(ioctl(ends[0], FIONBIO, &off));
  CHECK_EQ(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
  CHECK_FAILS(ioctl(ends[0], FIONBIO, (void*)8), EFAULT);
  Ok("non-blocking");

  int count = -1;
  CHECK_EQ(write(ends[1], "abc", 3), 3);
  MUST(ioctl(ends[0], FIONREAD, &count));
  CHECK_EQ(count, 3);
  MUST(lseek(fd, 3, SEEK_SET));
  MUST(ioctl(fd, FIONREAD, &count));
  CHECK_EQ(count, 5);
  int pages = MUST(memfd_create("pages", 0));
  CHECK_EQ(pwrite(pages, "x", 1, 8 * 4096), 1);
  long size = -1;
  MUST(ioctl(pages, FIOQSIZE, &size));
  CHECK_EQ(size, 4096);  // what it takes, not its length
  CHECK_FAILS(ioctl(ends[0], FIOQSIZE, &size), ENOTTY);
  int block = 0;
  MUST(ioctl(fd, 2 /* FIGETBSZ */, &block));
  CHECK(block >= 512);
  Ok("how much there is");

  struct termios term;
  struct winsize window;
  CHECK_FAILS(ioctl(fd, TCGETS, &term), ENOTTY);
  CHECK_FAILS(ioctl(fd, TIOCGWINSZ, &window), ENOTTY);
  CHECK_FAILS(ioctl(ends[0], TCGETS, &term), ENOTTY);
  CHECK_FAILS(ioctl(fd, 0x12345678, 0), ENOTTY);
  CHECK_FAILS(ioctl(99, FIOCLEX), EBADF);
  CHECK_EQ(isatty(fd), 0);
  Ok("what is no terminal");
  MUST(unlink("f"));
  RemoveScratchDirectory();
}
