// Covers: plugin/linux/fs/proc/split_knob.cc
// Huge pages are split on demand, by /sys/kernel/debug/split_huge_pages.
#include <sched.h>
#include <sys/mount.h>

#include "tests/abi/huge.h"

static const char kFile[] = "/sys/kernel/debug/split_huge_pages";

static int Open(void) {
  int fd = open(kFile, O_WRONLY);
  if (fd < 0) {  // nobody has mounted debugfs: for ourselves, then
    MUST(unshare(CLONE_NEWNS));
    MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    MUST(mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL));
    fd = open(kFile, O_WRONLY);
    if (fd < 0 && errno == EPERM) {
      Ok("SKIP: this kernel is locked down");
      exit(0);
    }
    MUST(fd);
  }
  return fd;
}

// "PID,0xSTART,0xEND" of this process.
static void Split(int fd, char* start, char* end) {
  char text[80];
  int n = snprintf(text, sizeof text, "%d,0x%lx,0x%lx", getpid(),
                   (unsigned long)start, (unsigned long)end);
  CHECK_EQ(write(fd, text, n), n);
}

int main(void) {
  const size_t huge = HugeSize();
  const long kb = (long)huge / 1024;
  int fd = Open();

  char* area = HugeArea(3);
  for (size_t i = 0; i < 3 * huge; i += kPage) area[i] = (char)(i / kPage | 1);
  CHECK_EQ(HugeKb(area), 3 * kb);
  Split(fd, area + huge, area + huge + kPage);
  CHECK_EQ(HugeKb(area), 2 * kb);
  Ok("one page in the range is enough");
  Split(fd, area, area + 3 * huge);
  CHECK_EQ(HugeKb(area), 0);
  CHECK_EQ(ResidentKb(area), 3 * kb);
  for (size_t i = 0; i < 3 * huge; i += kPage) {
    CHECK_EQ(area[i], (char)(i / kPage | 1));
  }
  Ok("all of them, and every byte stays");

  // "PATH,0xFIRST,0xEND": pages of a file, by number.
  char path[] = "/tmp/split.XXXXXX", text[128];
  CHECK(mkdtemp(path) != NULL);
  if (unshare(CLONE_NEWNS) == 0)
    MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(mount("none", path, "tmpfs", 0, "huge=always"));
  snprintf(text, sizeof text, "%s/file", path);
  int file = MUST(open(text, O_RDWR | O_CREAT, 0600));
  MUST(ftruncate(file, (off_t)(2 * huge)));
  char* map = HugeArea(2);
  MUST(mmap(map, 2 * huge, kReadWrite, MAP_SHARED | MAP_FIXED, file, 0));
  map[0] = 'f';
  map[huge] = 'g';
  CHECK_EQ(SmapsField(map, "ShmemPmdMapped:"), 2 * kb);
  int n = snprintf(text, sizeof text, "%s/file,0x0,0x1", path);
  CHECK_EQ(write(fd, text, n), n);
  CHECK_EQ(SmapsField(map, "ShmemPmdMapped:"), kb);
  CHECK_EQ(map[0], 'f');
  n = snprintf(text, sizeof text, "%s/file,0x0,0x%lx", path,
               (unsigned long)(2 * huge / kPage));
  CHECK_EQ(write(fd, text, n), n);
  CHECK_EQ(SmapsField(map, "ShmemPmdMapped:"), 0);
  CHECK_EQ(map[huge], 'g');
  n = snprintf(text, sizeof text, "%s/none,0x0,0x1", path);
  CHECK_FAILS(write(fd, text, n), EINVAL);
  MUST(munmap(map, 2 * huge));
  close(file);
  MUST(umount(path));
  MUST(rmdir(path));
  Ok("those of a file");

  CHECK_FAILS(write(fd, "nonsense", 8), EINVAL);
  CHECK_FAILS(write(fd, "999999,0x0,0x1000", 17), ESRCH);
  Ok("refuses nonsense and processes that are not");
}
