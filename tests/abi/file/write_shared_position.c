// Processes that share a file opened by name write one after another: no record
// is lost or torn, though each write is two pages long and moves the one
// position. (memfd_create's files promise that only to those who append.)
#include "tests/abi/check.h"

enum { kWriters = 4, kRecords = 25, kRecord = 5000 };

static void WriteRecords(int fd, char letter) {
  static char record[kRecord];
  memset(record, letter, sizeof record);
  for (int i = 0; i < kRecords; i++)
    CHECK_EQ(write(fd, record, sizeof record), sizeof record);
}

static void Check(int fd) {
  static char record[kRecord];
  int counts[kWriters] = {0};
  CHECK_EQ(lseek(fd, 0, SEEK_END), kWriters * kRecords * kRecord);
  for (int i = 0; i < kWriters * kRecords; i++) {
    CHECK_EQ(pread(fd, record, sizeof record, i * kRecord), sizeof record);
    for (int j = 1; j < kRecord; j++) CHECK_EQ(record[j], record[0]);
    counts[record[0] - 'a']++;
  }
  for (int i = 0; i < kWriters; i++) CHECK_EQ(counts[i], kRecords);
}

static void Run(int fd) {
  for (int i = 0; i < kWriters; i++) {
    if (MUST(fork()) == 0) {
      WriteRecords(fd, (char)('a' + i));
      _exit(0);
    }
  }
  for (int i = 0; i < kWriters; i++) {
    int status;
    MUST(wait(&status));
    CHECK_EQ(status, 0);
  }
  Check(fd);
}

static int OpenNew(int flags) {
  const char* name = "/tmp/write_shared_position";
  int fd = MUST(open(name, O_RDWR | O_CREAT | O_EXCL | flags, 0600));
  MUST(unlink(name));
  return fd;
}

int main(void) {
  Run(OpenNew(0));
  Ok("by the shared position");
  Run(OpenNew(O_APPEND));
  Ok("by appending");
  int memfd = MUST(memfd_create("shared", 0));
  MUST(fcntl(memfd, F_SETFL, O_APPEND));
  Run(memfd);
  Ok("by appending to a memfd");
}
