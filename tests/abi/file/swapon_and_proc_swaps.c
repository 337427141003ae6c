// What /proc/swaps lists is what /proc/meminfo and sysinfo() count, and
// swapon() and swapoff() say why they will not take what they are given.
// Covers: plugin/linux/memory/swap_calls.cc
// Options: --swap 16M

#include <sys/swap.h>
#include <sys/sysinfo.h>

#include "../proc.h"

static void SumIsTold(void) {
  FILE* file = fopen("/proc/swaps", "r");
  CHECK(file != NULL);
  char line[512];
  CHECK(fgets(line, sizeof line, file) != NULL);
  CHECK(strcmp(line, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n") ==
        0);
  long total = 0, in_use = 0;
  while (fgets(line, sizeof line, file)) {
    char name[256], type[32];
    long size, used;
    int priority;
    CHECK_EQ(sscanf(line, "%255s %31s %ld %ld %d", name, type, &size, &used,
                    &priority),
             5);
    // Areas are listed under names that can be used.
    CHECK_FAILS(swapon(name, 0), EBUSY);
    total += size;
    in_use += used;
  }
  fclose(file);
  CHECK_EQ(Meminfo("SwapTotal:"), total);
  CHECK_EQ(Meminfo("SwapFree:"), total - in_use);
  struct sysinfo info;
  MUST(sysinfo(&info));
  CHECK_EQ(info.totalswap * info.mem_unit / 1024, total);
  CHECK_EQ(info.freeswap * info.mem_unit / 1024, total - in_use);
}

static void WithoutPrivilege(void) {
  MUST(setuid(1000));
  CHECK_FAILS(swapon("/nowhere", 0), EPERM);
  CHECK_FAILS(swapoff("/nowhere"), EPERM);
  CHECK_FAILS(swapon("/nowhere", 1 << 30), EINVAL);
}

int main(void) {
  SumIsTold();
  Ok("every report counts the same areas");
  CHECK_FAILS(swapon("/nowhere", 0), ENOENT);
  CHECK_FAILS(swapoff("/nowhere"), ENOENT);
  CHECK_FAILS(swapon("/nowhere", 1 << 30), EINVAL);
  CHECK_FAILS(swapon("/", 0), EISDIR);
  CHECK_FAILS(swapoff("/"), EISDIR);
  CHECK_FAILS(swapon("/dev/null", 0), EINVAL);
  CHECK_FAILS(swapoff("/dev/null"), EINVAL);
  CHECK_FAILS(swapon((char*)8, 0), EFAULT);
  CHECK_EQ(RunChild(WithoutPrivilege), 0);
  Ok("what is no area is refused");
  return 0;
}
