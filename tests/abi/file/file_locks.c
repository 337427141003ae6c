// flock(2) belongs to the open file, fcntl's record locks to the process, and
// OFD locks to the open file again; a lock that cannot be had is waited for.
// Covers: plugin/linux/fs/calls/lock_calls.cc
#include <sys/file.h>

#include "tests/abi/file/directory.h"

static struct flock Range(short type, long start, long length) {
  return (struct flock){
      .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static int g_fd;
static int g_pipe[2];

static void OtherProcessSeesRecords(void) {
  struct flock wanted = Range(F_WRLCK, 0, 0);
  MUST(fcntl(g_fd, F_GETLK, &wanted));
  CHECK_EQ(wanted.l_type, F_RDLCK);
  CHECK_EQ(wanted.l_start, 10);
  CHECK_EQ(wanted.l_len, 10);
  CHECK_EQ(wanted.l_pid, getppid());
  wanted = Range(F_WRLCK, 15, 1);
  CHECK_FAILS(fcntl(g_fd, F_SETLK, &wanted), EAGAIN);
  wanted = Range(F_RDLCK, 15, 1);
  MUST(fcntl(g_fd, F_SETLK, &wanted));
  wanted = Range(F_WRLCK, 20, 5);
  MUST(fcntl(g_fd, F_SETLK, &wanted));
  wanted = Range(F_WRLCK, 20, -1);  // the byte before
  CHECK_FAILS(fcntl(g_fd, F_SETLK, &wanted), EAGAIN);
}

static void OtherProcessWaits(void) {
  struct flock wanted = Range(F_WRLCK, 0, 0);
  CHECK_EQ(write(g_pipe[1], "w", 1), 1);
  MUST(fcntl(g_fd, F_SETLKW, &wanted));
  CHECK_EQ(write(g_pipe[1], "g", 1), 1);
}

int main(void) {
  EnterScratchDirectory();
  MakeFile("f", "0123456789012345678901234567890");
  int fd = g_fd = MUST(open("f", O_RDWR));
  int other = MUST(open("f", O_RDWR));
  int twin = MUST(dup(fd));

  MUST(flock(fd, LOCK_SH));
  MUST(flock(other, LOCK_SH));
  CHECK_FAILS(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
  MUST(flock(twin, LOCK_UN));
  MUST(flock(other, LOCK_EX | LOCK_NB));
  CHECK_FAILS(flock(fd, LOCK_SH | LOCK_NB), EWOULDBLOCK);
  MUST(flock(other, LOCK_UN));
  CHECK_FAILS(flock(fd, 0), EINVAL);
  CHECK_FAILS(flock(-1, LOCK_SH), EBADF);
  Ok("flock belongs to the open file");

  struct flock mine = Range(F_RDLCK, 10, 10);
  MUST(fcntl(fd, F_SETLK, &mine));
  struct flock query = Range(F_WRLCK, 0, 0);
  MUST(fcntl(other, F_GETLK, &query));
  CHECK_EQ(query.l_type, F_UNLCK);  // one's own do not conflict
  CHECK_EQ(RunChild(OtherProcessSeesRecords), 0);
  MUST(close(other));  // any close of the file drops them all
  query = Range(F_WRLCK, 0, 0);
  MUST(fcntl(fd, F_SETLK, &query));
  Ok("record locks belong to the process");

  MUST(pipe(g_pipe));
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    OtherProcessWaits();
    _exit(0);
  }
  char c;
  CHECK_EQ(read(g_pipe[0], &c, 1), 1);
  CHECK_EQ(c, 'w');
  usleep(1000);
  MUST(fcntl(g_pipe[0], F_SETFL, O_NONBLOCK));
  CHECK_FAILS(read(g_pipe[0], &c, 1), EAGAIN);
  MUST(fcntl(g_pipe[0], F_SETFL, 0));
  mine = Range(F_UNLCK, 0, 0);
  MUST(fcntl(fd, F_SETLK, &mine));
  CHECK_EQ(read(g_pipe[0], &c, 1), 1);
  CHECK_EQ(c, 'g');
  int status;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  Ok("a lock is waited for, and dropped when its process ends");

  other = MUST(open("f", O_RDWR));
  struct flock ofd = Range(F_WRLCK, 0, 1);
  MUST(fcntl(fd, F_OFD_SETLK, &ofd));
  MUST(fcntl(twin, F_OFD_SETLK, &ofd));
  CHECK_FAILS(fcntl(other, F_OFD_SETLK, &ofd), EAGAIN);
  struct flock who = Range(F_RDLCK, 0, 1);
  MUST(fcntl(other, F_OFD_GETLK, &who));
  CHECK_EQ(who.l_type, F_WRLCK);
  CHECK_EQ(who.l_pid, -1);
  ofd.l_pid = 1;
  CHECK_FAILS(fcntl(fd, F_OFD_SETLK, &ofd), EINVAL);
  Ok("OFD locks belong to the open file");

  struct flock bad = Range(7, 0, 1);
  CHECK_FAILS(fcntl(fd, F_SETLK, &bad), EINVAL);
  bad = Range(F_RDLCK, -1, 1);
  CHECK_FAILS(fcntl(fd, F_SETLK, &bad), EINVAL);
  bad = Range(F_RDLCK, 0, 1);
  bad.l_whence = 9;
  CHECK_FAILS(fcntl(fd, F_SETLK, &bad), EINVAL);
  CHECK_FAILS(fcntl(fd, F_SETLK, NULL), EFAULT);
  int reader = MUST(open("f", O_RDONLY));
  bad = Range(F_WRLCK, 0, 1);
  CHECK_FAILS(fcntl(reader, F_SETLK, &bad), EBADF);
  bad = Range(F_RDLCK, 5, 1);
  bad.l_whence = SEEK_END;
  MUST(fcntl(reader, F_SETLK, &bad));
  Ok("what is refused");
  MUST(unlink("f"));
  RemoveScratchDirectory();
}
