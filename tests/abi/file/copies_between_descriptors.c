// sendfile, copy_file_range, splice and tee move bytes without the program
// touching them, at the file's position or at one that is given.
// Covers: plugin/linux/fs/calls/sendfile_calls.cc
// Covers: plugin/linux/fs/calls/splice_calls.cc
// Covers: plugin/linux/fs/calls/file_position.cc
#include <sys/sendfile.h>

#include "tests/abi/file/directory.h"

static void Expect(int fd, const char* text) {
  char buffer[64] = {0};
  CHECK_EQ(pread(fd, buffer, sizeof buffer - 1, 0), strlen(text));
  CHECK(strcmp(buffer, text) == 0);
}

static void ExpectNext(int fd, const char* text) {
  char buffer[64] = {0};
  CHECK_EQ(read(fd, buffer, strlen(text)), strlen(text));
  CHECK(strcmp(buffer, text) == 0);
}

int main(void) {
  EnterScratchDirectory();
  MakeFile("from", "0123456789");
  int from = MUST(open("from", O_RDWR));
  int to = MUST(open("to", O_RDWR | O_CREAT, 0644));
  int append = MUST(open("to", O_WRONLY | O_APPEND));
  int reader = MUST(open("from", O_RDONLY));
  int ends[2], more[2];
  MUST(pipe(ends));
  MUST(pipe(more));

  CHECK_EQ(sendfile(to, from, NULL, 4), 4);
  Expect(to, "0123");
  CHECK_EQ(lseek(from, 0, SEEK_CUR), 4);
  off_t at = 8;
  CHECK_EQ(sendfile(to, from, &at, 100), 2);
  CHECK_EQ(at, 10);
  CHECK_EQ(lseek(from, 0, SEEK_CUR), 4);
  Expect(to, "012389");
  CHECK_EQ(sendfile(to, from, &at, 1), 0);
  at = 0;
  CHECK_EQ(sendfile(ends[1], from, &at, 3), 3);
  ExpectNext(ends[0], "012");
  CHECK_FAILS(sendfile(reader, from, NULL, 1), EBADF);
  CHECK_FAILS(sendfile(append, from, NULL, 1), EINVAL);
  CHECK_FAILS(sendfile(to, from, (off_t*)8, 1), EFAULT);
  at = -1;
  CHECK_FAILS(sendfile(to, from, &at, 1), EINVAL);
  Ok("sendfile");

  MUST(ftruncate(to, 0));
  MUST(lseek(to, 0, SEEK_SET));
  MUST(lseek(from, 1, SEEK_SET));
  CHECK_EQ(copy_file_range(from, NULL, to, NULL, 3, 0), 3);
  Expect(to, "123");
  loff_t in = 5, out = 1;
  CHECK_EQ(copy_file_range(from, &in, to, &out, 2, 0), 2);
  CHECK_EQ(in, 7);
  CHECK_EQ(out, 3);
  Expect(to, "156");
  CHECK_EQ(lseek(from, 0, SEEK_CUR), 4);
  in = 0, out = 2;
  CHECK_FAILS(copy_file_range(from, &in, from, &out, 5, 0), EINVAL);
  CHECK_FAILS(copy_file_range(from, NULL, to, NULL, 1, 1), EINVAL);
  CHECK_FAILS(copy_file_range(from, NULL, ends[1], NULL, 1, 0), EINVAL);
  CHECK_FAILS(copy_file_range(from, NULL, reader, NULL, 1, 0), EBADF);
  int directory = MUST(open(".", O_RDONLY));
  CHECK_FAILS(copy_file_range(directory, NULL, to, NULL, 1, 0), EISDIR);
  Ok("copy_file_range");

  in = 2;
  CHECK_EQ(splice(from, &in, ends[1], NULL, 5, 0), 5);
  CHECK_EQ(in, 7);
  CHECK_EQ(tee(ends[0], more[1], 100, 0), 5);
  MUST(ftruncate(to, 0));
  out = 0;
  CHECK_EQ(splice(ends[0], NULL, to, &out, 100, 0), 5);
  Expect(to, "23456");
  CHECK_EQ(splice(more[0], NULL, ends[1], NULL, 2, 0), 2);
  ExpectNext(ends[0], "23");
  ExpectNext(more[0], "456");
  Ok("splice, and tee leaves what it copies");

  CHECK_FAILS(splice(ends[0], NULL, more[1], NULL, 1, SPLICE_F_NONBLOCK),
              EAGAIN);
  CHECK_FAILS(tee(ends[0], more[1], 1, SPLICE_F_NONBLOCK), EAGAIN);
  CHECK_FAILS(splice(from, NULL, to, NULL, 1, 0), EINVAL);
  CHECK_FAILS(splice(ends[0], &in, to, NULL, 1, 0), ESPIPE);
  CHECK_FAILS(splice(from, NULL, ends[1], NULL, 1, 0x100), EINVAL);
  CHECK_FAILS(splice(ends[1], NULL, to, NULL, 1, 0), EBADF);
  CHECK_FAILS(tee(ends[0], ends[1], 1, 0), EINVAL);
  CHECK_FAILS(splice(ends[0], NULL, ends[1], NULL, 1, 0), EINVAL);
  CHECK_FAILS(tee(from, ends[1], 1, 0), EINVAL);
  CHECK_FAILS(tee(ends[0], more[1], 1, 0x100), EINVAL);
  CHECK_EQ(splice(from, NULL, ends[1], NULL, 0, 0), 0);
  MUST(close(ends[1]));
  CHECK_EQ(splice(ends[0], NULL, to, NULL, 1, 0), 0);  // nobody writes
  Ok("what they refuse");
  MUST(unlink("from"));
  MUST(unlink("to"));
  RemoveScratchDirectory();
}
