// What /proc/self says of the process: its limits, environment, auxiliary
// vector, name, descriptors, mounts and memory.
// Covers: plugin/linux/fs/proc/pid_text.cc plugin/linux/fs/proc/pid_limits.cc
// Covers: plugin/linux/fs/proc/pid_fd.cc plugin/linux/fs/proc/pid_dir.cc
// Covers: plugin/linux/fs/proc/pid_mem.cc plugin/linux/fs/proc/mounts_text.cc
// Covers: plugin/linux/fs/text_file.cc
#include <dirent.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tests/abi/file/directory.h"

static char g_text[1 << 16];

static ssize_t Read(const char* path) {
  int fd = MUST(open(path, O_RDONLY));
  ssize_t total = 0, n;
  while ((n = MUST(read(fd, g_text + total, 100))) > 0) total += n;
  g_text[total] = 0;
  MUST(close(fd));
  return total;
}

static bool Has(const char* text) { return strstr(g_text, text) != NULL; }

static void Limits(void) {
  struct rlimit limit = {123, 456};
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  Read("/proc/self/limits");
  CHECK(Has("Limit                     Soft Limit           Hard Limit"));
  CHECK(Has("Max open files            123                  456"));
  CHECK(Has("Max nice priority"));
}

static int CountEntries(const char* path, const char* wanted) {
  DIR* directory = opendir(path);
  CHECK(directory != NULL);
  int count = 0;
  for (struct dirent* e; (e = readdir(directory)) != NULL;) {
    count += strcmp(e->d_name, wanted) == 0;
  }
  closedir(directory);
  return count;
}

int main(int argc, char** argv) {
  if (argc == 1) {
    char* arguments[] = {argv[0], "an argument", NULL};
    char* environment[] = {"NAME=a value", NULL};
    execve("/proc/self/exe", arguments, environment);
    FAIL("execve");
  }
  ssize_t n = Read("/proc/self/cmdline");
  CHECK_EQ(n, strlen(argv[0]) + 1 + strlen("an argument") + 1);
  CHECK(strcmp(g_text + strlen(argv[0]) + 1, "an argument") == 0);
  CHECK_EQ(Read("/proc/self/environ"), sizeof "NAME=a value");
  CHECK(Has("NAME=a value"));
  n = Read("/proc/self/auxv");
  unsigned long* pair = (unsigned long*)g_text;
  while (pair[0] != AT_PHDR) pair += 2;
  CHECK_EQ(pair[1], getauxval(AT_PHDR));
  CHECK_EQ(((unsigned long*)(g_text + n))[-2], AT_NULL);
  Ok("what exec gave it");

  MUST(prctl(PR_SET_NAME, "a name"));
  Read("/proc/self/comm");
  CHECK(strcmp(g_text, "a name\n") == 0);
  int fd = MUST(open("/proc/self/comm", O_WRONLY));
  CHECK_EQ(write(fd, "x\n", 2), 2);  // as it comes
  Read("/proc/self/comm");
  CHECK(strcmp(g_text, "x\n\n") == 0);
  CHECK_EQ(write(fd, "another", 7), 7);
  MUST(close(fd));
  char name[16];
  MUST(prctl(PR_GET_NAME, name));
  CHECK(strcmp(name, "another") == 0);
  Read("/proc/self/personality");
  CHECK(strcmp(g_text, "00000000\n") == 0);
  CHECK_EQ(RunChild(Limits), 0);
  fd = MUST(open("/proc/self/oom_score_adj", O_RDWR));
  CHECK_EQ(write(fd, "500", 3), 3);
  CHECK_FAILS(write(fd, "1001", 4), EINVAL);
  CHECK_FAILS(write(fd, "x", 1), EINVAL);
  Read("/proc/self/oom_score_adj");
  CHECK(strcmp(g_text, "500\n") == 0);
  Read("/proc/self/oom_score");
  CHECK(atoi(g_text) > 0);
  Read("/proc/self/timerslack_ns");
  CHECK_EQ(atoi(g_text), prctl(PR_GET_TIMERSLACK));
  Read("/proc/self/smaps_rollup");
  CHECK(Has("[rollup]\nRss:"));
  Read("/proc/self/wchan");
  Read("/proc/self/cgroup");
  Read("/proc/self/uid_map");
  CHECK_EQ(atoi(g_text), 0);
  Ok("its name, limits and settings");

  EnterScratchDirectory();
  MakeFile("f", "12345678");
  int file = MUST(open("f", O_RDWR | O_APPEND | O_CLOEXEC));
  MUST(lseek(file, 5, SEEK_SET));
  file = MUST(fcntl(file, F_DUPFD_CLOEXEC, 100));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", file);
  Read(path);
  CHECK(Has("pos:\t5\n"));
  unsigned flags = 0;
  CHECK_EQ(sscanf(strstr(g_text, "flags:"), "flags: %o", &flags), 1);
  CHECK_EQ(flags & (O_APPEND | O_RDWR | O_CLOEXEC),
           O_APPEND | O_RDWR | O_CLOEXEC);
  snprintf(name, sizeof name, "%d", file);
  CHECK_EQ(CountEntries("/proc/self/fd", name), 1);
  CHECK_EQ(CountEntries("/proc/self/fdinfo", name), 1);
  MUST(close(file));
  CHECK_EQ(CountEntries("/proc/self/fd", name), 0);
  CHECK_FAILS(open(path, O_RDONLY), ENOENT);
  snprintf(name, sizeof name, "%d", getpid());
  CHECK_EQ(CountEntries("/proc/self/task", name), 1);
  CHECK_EQ(CountEntries("/proc/self", "status"), 1);
  CHECK_EQ(CountEntries("/proc", name), 1);
  CHECK_EQ(CountEntries("/proc", "meminfo"), 1);
  Ok("its descriptors and threads");

  Read("/proc/self/mounts");
  CHECK(Has(" /proc proc "));
  Read("/proc/self/mountinfo");
  CHECK(Has(" / /proc "));
  Ok("its mounts");

  int memory = MUST(open("/proc/self/mem", O_RDWR));
  static volatile int g_number = 42;
  int number = 0;
  CHECK_EQ(pread(memory, &number, 4, (off_t)&g_number), 4);
  CHECK_EQ(number, 42);
  number = 43;
  CHECK_EQ(pwrite(memory, &number, 4, (off_t)&g_number), 4);
  CHECK_EQ(g_number, 43);
  CHECK_FAILS(pread(memory, &number, 4, 8), EIO);
  CHECK_EQ(lseek(memory, 16, SEEK_SET), 16);
  CHECK_FAILS(read(memory, &number, 4), EIO);
  Ok("its memory");

  int text = MUST(open("/proc/self/comm", O_RDONLY));
  char two[2];
  CHECK_EQ(read(text, two, 2), 2);
  CHECK_EQ(pread(text, two, 2, 2), 2);
  CHECK_EQ(memcmp(two, "ot", 2), 0);
  CHECK_EQ(lseek(text, 1, SEEK_SET), 1);
  CHECK_EQ(read(text, two, 2), 2);
  CHECK_EQ(memcmp(two, "no", 2), 0);
  CHECK_FAILS(write(text, "x", 1), EBADF);
  CHECK_FAILS(open("/proc/self/none", O_RDONLY), ENOENT);
  Ok("texts are files");
  MUST(unlink("f"));
  RemoveScratchDirectory();
}
