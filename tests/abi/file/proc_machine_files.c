// What /proc and /sys say of the machine, in the form that programs parse.
// Covers: plugin/linux/fs/proc/machine_text.cc
// Covers: plugin/linux/fs/proc/proc_root.cc plugin/linux/fs/proc/sysctl.cc
// Covers: plugin/linux/fs/proc/sys_knobs.cc
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "tests/abi/check.h"

static char g_text[1 << 16];

static const char* Read(const char* path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) FAIL("%s", path);
  ssize_t total = 0, n;
  while ((n = MUST(read(fd, g_text + total, sizeof g_text - 1 - total))) > 0) {
    total += n;
  }
  g_text[total] = 0;
  MUST(close(fd));
  return g_text;
}

// The number behind `label`, at the start of a line.
static long long Number(const char* label) {
  for (const char* at = g_text; (at = strstr(at, label)) != NULL; at++) {
    if (at == g_text || at[-1] == '\n') return atoll(at + strlen(label));
  }
  FAIL("no %s", label);
}

static void Write(const char* path, const char* text) {
  int fd = MUST(open(path, O_WRONLY));
  CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
  MUST(close(fd));
}

int main(void) {
  struct sysinfo info;
  MUST(sysinfo(&info));
  Read("/proc/meminfo");
  CHECK_EQ(Number("MemTotal:"), info.totalram * info.mem_unit / 1024);
  CHECK(Number("MemFree:") <= Number("MemTotal:"));
  CHECK(Number("MemAvailable:") <= Number("MemTotal:"));
  Number("Cached:");
  Number("AnonPages:");
  Number("PageTables:");
  Number("Committed_AS:");
  Read("/proc/vmstat");
  CHECK(Number("pgfault ") > 0);
  CHECK(Number("nr_free_pages ") > 0);
  Ok("its memory");

  Read("/proc/stat");
  CHECK(strncmp(g_text, "cpu  ", 5) == 0);
  Number("cpu0 ");
  CHECK(Number("btime ") > 0);
  CHECK(Number("processes ") >= 1);
  CHECK(Number("procs_running ") >= 1);
  Read("/proc/cpuinfo");
  CHECK(strstr(g_text, "processor\t: 0\n") != NULL);
  double up, idle;
  CHECK_EQ(sscanf(Read("/proc/uptime"), "%lf %lf\n", &up, &idle), 2);
  CHECK(up >= 0);
  double load;
  int running, all, last;
  CHECK_EQ(sscanf(Read("/proc/loadavg"), "%lf %lf %lf %d/%d %d", &load, &load,
                  &load, &running, &all, &last),
           6);
  CHECK(running >= 1 && all >= running && last >= 1);
  Ok("its processors and its time");

  struct utsname names;
  MUST(uname(&names));
  Read("/proc/version");
  CHECK(strncmp(g_text, "Linux version ", 14) == 0);
  CHECK(strncmp(g_text + 14, names.release, strlen(names.release)) == 0);
  Read("/proc/sys/kernel/osrelease");
  CHECK(strncmp(g_text, names.release, strlen(names.release)) == 0);
  Read("/proc/sys/kernel/hostname");
  CHECK(strncmp(g_text, names.nodename, strlen(names.nodename)) == 0);
  Read("/proc/filesystems");
  CHECK(strstr(g_text, "nodev\tproc\n") != NULL);
  Read("/proc/mounts");
  CHECK(strstr(g_text, " /proc proc ") != NULL);
  CHECK_EQ(strlen(Read("/proc/sys/kernel/random/uuid")), 37);
  char uuid[38];
  memcpy(uuid, g_text, sizeof uuid);
  CHECK_EQ(uuid[14], '4');
  CHECK(strcmp(Read("/proc/sys/kernel/random/uuid"), uuid) != 0);
  CHECK_EQ(strlen(Read("/proc/sys/kernel/random/boot_id")), 37);
  Ok("its names");

  // What is there is written back: the machine stays as it was.
  char kept[32];
  strncpy(kept, Read("/proc/sys/vm/swappiness"), sizeof kept - 1);
  Write("/proc/sys/vm/swappiness", kept);
  CHECK(strcmp(Read("/proc/sys/vm/swappiness"), kept) == 0);
  int fd = MUST(open("/proc/sys/vm/swappiness", O_RDWR));
  CHECK_FAILS(write(fd, "201", 3), EINVAL);
  CHECK_FAILS(write(fd, "many", 4), EINVAL);
  MUST(close(fd));
  CHECK(atoi(Read("/proc/sys/vm/overcommit_memory")) <= 2);
  CHECK(atoi(Read("/proc/sys/vm/max_map_count")) > 0);
  CHECK(atoi(Read("/proc/sys/kernel/pid_max")) > 300);
  CHECK(atoi(Read("/proc/sys/fs/nr_open")) > 1024);
  Write("/proc/sys/vm/drop_caches", "1");
  CHECK_FAILS(open("/proc/sys/vm/none", O_RDONLY), ENOENT);
  Ok("its settings");

  CHECK_EQ(Read("/sys/devices/system/cpu/online")[0], '0');
  CHECK(strchr(Read("/sys/kernel/mm/transparent_hugepage/enabled"), '[') !=
        NULL);
  CHECK_FAILS(open("/sys/none", O_RDONLY), ENOENT);
  Ok("/sys");
}
