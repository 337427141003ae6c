// /proc/PID/clear_refs takes 1 to 5: forget accesses, to all, to anonymous or
// to file memory; soft-dirty bits; the peak of resident memory.
// Covers: guest_mm/mm/clear_refs.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static int Clear(const char* text, size_t length) {
  int fd = MUST(open("/proc/self/clear_refs", O_WRONLY));
  int result = (int)write(fd, text, length);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}
#define CLEAR(text) Clear(text, sizeof text - 1)

int main(void) {
  CHECK_EQ(CLEAR("1"), 1);
  CHECK_EQ(CLEAR(" 4\n"), 3);
  const char* refused[] = {"0", "6", "-1", "x", "4 4", "0x4", "0000000000004"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    CHECK_FAILS(Clear(refused[i], strlen(refused[i])), EINVAL);
  CHECK_FAILS(CLEAR(""), EINVAL);
  Ok("what may be written");

  int fd = MUST(open("/proc/self/clear_refs", O_RDONLY));
  char byte;
  CHECK_FAILS(read(fd, &byte, 1), EINVAL);
  close(fd);
  struct stat status;
  MUST(stat("/proc/self/clear_refs", &status));
  CHECK_EQ(status.st_mode, S_IFREG | 0200);
  Ok("it is not to be read");

  char* anonymous = Island(4, kReadWrite);
  memset(anonymous, 1, 4 * kPage);
  char* file =
      MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, LetterFile(4), 0));
  memset(file, 1, 4 * kPage);
  CHECK_EQ(SmapsField(anonymous, "Referenced:"), 16);
  CHECK_EQ(SmapsField(file, "Referenced:"), 16);
  CLEAR("3");
  CHECK_EQ(SmapsField(anonymous, "Referenced:"), 16);
  CHECK_EQ(SmapsField(file, "Referenced:"), 0);
  CLEAR("2");
  CHECK_EQ(SmapsField(anonymous, "Referenced:"), 0);
  Ok("accesses are forgotten");

  char* large = Island(1024, kReadWrite);
  memset(large, 1, 1024 * kPage);
  MUST(munmap(large, 1024 * kPage));
  long peak = StatusField("VmHWM:");
  CLEAR("5");
  CHECK(StatusField("VmHWM:") < peak - 1024);
  Ok("so is the peak");
}
