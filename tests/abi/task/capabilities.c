// capget shows root's capabilities; they go with the uid, and one may be
// dropped by itself.
// Covers: plugin/linux/task/cap_calls.cc
#include <linux/capability.h>

#include "tests/abi/check.h"

static struct __user_cap_data_struct g_caps[2];

static void Get(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  MUST(syscall(SYS_capget, &header, g_caps));
}

static void DropOne(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  g_caps[0].effective &= ~(1u << CAP_KILL);
  MUST(syscall(SYS_capset, &header, g_caps));
  memset(g_caps, 0, sizeof g_caps);
  Get();
  CHECK_EQ(g_caps[0].effective >> CAP_KILL & 1, 0);
  CHECK_EQ(g_caps[0].permitted >> CAP_KILL & 1, 1);
}

static void BecomeUser(void) {
  MUST(setresuid(65534, 65534, 65534));
  Get();
  CHECK_EQ(g_caps[0].effective, 0);
  CHECK_EQ(g_caps[0].permitted, 0);
}

int main(void) {
  Get();
  CHECK(g_caps[0].effective >> CAP_KILL & 1);
  Ok("root has CAP_KILL");
  CHECK_EQ(RunChild(DropOne), 0);
  CHECK_EQ(RunChild(BecomeUser), 0);
  Ok("dropped by capset and by setresuid");
  struct __user_cap_header_struct wrong = {12345, 0};
  CHECK_FAILS(syscall(SYS_capget, &wrong, g_caps), EINVAL);
  CHECK_EQ(wrong.version, _LINUX_CAPABILITY_VERSION_3);
  Ok("a wrong version is told the right one");
}
