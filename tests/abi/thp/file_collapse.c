// A file that nobody may write to can have huge pages, if the kernel was built
// for it: by MADV_COLLAPSE, until the file is opened for writing.
// Covers: guest_mm/thp/collapse_file.cc guest_mm/thp/eligible.cc
// Options: --disk 32M --behaviour file-thp=read-only

#include "tests/abi/huge.h"
#include "tests/abi/proc.h"

static const char* g_path = "/disk/file";

// What has no page tables at all is not mapped by a collapse.
static int Collapse(char* start, size_t bytes) {
  (void)*(volatile char*)start;
  return madvise(start, bytes, kCollapse);
}

static long FileHuge(const void* start) {
  return SmapsField(start, "FilePmdMapped:");
}

static void SetKnob(const char* knob, const char* text) {
  char path[128];
  snprintf(path, sizeof path, "/sys/kernel/mm/transparent_hugepage/%s", knob);
  int fd = MUST(open(path, O_WRONLY));
  CHECK_EQ(write(fd, text, strlen(text)), (long)strlen(text));
  close(fd);
}

int main(void) {
  if (access("/disk", F_OK) != 0) {
    Ok("nothing: there is no such disk");
    return 0;
  }
  SetKnob("enabled", "never");  // for khugepaged; not for who asks
  const size_t huge = HugeSize();
  int fd = MUST(open(g_path, O_RDWR | O_CREAT | O_TRUNC, 0700));
  char* page = (char*)malloc(kPage);
  for (size_t i = 0; i < 2 * huge; i += kPage) {
    memset(page, 'a' + (int)(i / kPage % 26), kPage);
    CHECK_EQ(write(fd, page, kPage), kPage);
  }
  char* area = HugeArea(2);
  MUST(mmap(area, 2 * huge, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
            0));
  CHECK_FAILS(Collapse(area, huge), EINVAL);
  Ok("not while it is open for writing");

  MUST(close(fd));
  fd = MUST(open(g_path, O_RDONLY));
  MUST(mmap(area, 2 * huge, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
            0));
  MUST(Collapse(area, huge));
  CHECK_EQ(FileHuge(area), (long)huge / 1024);
  CHECK_EQ(Meminfo("FileHugePages:"), (long)huge / 1024);
  CHECK_EQ(Meminfo("FilePmdMapped:"), (long)huge / 1024);
  for (size_t i = 0; i < 2 * huge; i += kPage) {
    CHECK_EQ(area[i], 'a' + (int)(i / kPage % 26));
  }
  Ok("collapsed");

  // Pages that are not there are read first; a private copy is no file's page.
  MUST(posix_fadvise(fd, (off_t)huge, (off_t)huge, POSIX_FADV_DONTNEED));
  MUST(mprotect(area, huge, PROT_READ | PROT_WRITE));
  area[0] = 'z';
  CHECK_EQ(FileHuge(area), 0);
  CHECK_EQ(area[kPage], 'b');
  MUST(Collapse(area + huge, huge));
  CHECK_EQ(Meminfo("FileHugePages:"), 2 * (long)huge / 1024);
  char bytes[2];
  CHECK_EQ(pread(fd, bytes, 2, 0), 2);
  CHECK_EQ(bytes[0], 'a');
  Ok("and copied by a store");

  int writer = MUST(open(g_path, O_RDWR));
  CHECK_EQ(Meminfo("FileHugePages:"), 0);
  CHECK_EQ(FileHuge(area + huge), 0);
  CHECK_EQ(pwrite(writer, "Q", 1, (off_t)huge), 1);
  CHECK_EQ(area[0], 'z');
  CHECK_EQ(area[huge], 'Q');
  CHECK_EQ(area[2 * huge - 1], 'a' + (int)((2 * huge / kPage - 1) % 26));
  CHECK_FAILS(Collapse(area + huge, huge), EINVAL);
  MUST(close(writer));
  MUST(Collapse(area + huge, huge));
  CHECK_EQ(Meminfo("FileHugePages:"), (long)huge / 1024);
  CHECK_EQ(area[huge], 'Q');
  Ok("until it is opened for writing");

  // khugepaged does it, too, if it is let.
  SetKnob("enabled", "always");
  SetKnob("khugepaged/scan_sleep_millisecs", "1");
  MUST(mmap(area, 2 * huge, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
            0));
  for (int i = 0; i < 1000 && Meminfo("FileHugePages:") < 4 * 1024; i++) {
    for (size_t at = 0; at < 2 * huge; at += kPage)
      (void)*(volatile char*)(area + at);
    usleep(2000);
  }
  CHECK_EQ(Meminfo("FileHugePages:"), 2 * (long)huge / 1024);
  CHECK_EQ(SmapsField(area, "THPeligible:"), 1);
  (void)*(volatile char*)area;
  CHECK(FileHuge(area) > 0);
  SetKnob("enabled", "never");
  Ok("by khugepaged");

  // The end of a file that is no whole huge page stays as it is.
  MUST(munmap(area, 2 * huge));
  MUST(truncate(g_path, (off_t)(huge + kPage)));
  MUST(mmap(area, 2 * huge, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0));
  CHECK_FAILS(Collapse(area + huge, huge), EINVAL);
  CHECK_EQ(area[huge], 'Q');
  MUST(close(fd));
  MUST(unlink(g_path));
  MUST(munmap(area, 2 * huge));
  CHECK_EQ(Meminfo("FileHugePages:"), 0);
  Ok("whole ones only");
}
