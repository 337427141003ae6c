// PR_MCE_KILL: a process may want to know of lost memory at once, not only when
// it touches it: then it gets SIGBUS with BUS_MCEERR_AO.
// Covers: plugin/linux/memory/advice_calls.cc plugin/linux/task/prctl.cc

#include <sys/prctl.h>
#include <sys/socket.h>

#include "tests/abi/hwpoison.h"

static void Settings(void) {
  CHECK_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_DEFAULT);
  CHECK_FAILS(prctl(PR_MCE_KILL_GET, 1, 0, 0, 0), EINVAL);
  for (long policy = PR_MCE_KILL_LATE; policy <= PR_MCE_KILL_DEFAULT;
       policy++) {
    MUST(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, policy, 0, 0));
    CHECK_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), policy);
  }
  CHECK_FAILS(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, 3, 0, 0), EINVAL);
  CHECK_FAILS(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, 0, 1, 0), EINVAL);
  CHECK_FAILS(prctl(PR_MCE_KILL, 2, 0, 0, 0), EINVAL);
  CHECK_FAILS(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 1, 0, 0), EINVAL);
  MUST(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
  MUST(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0));
  CHECK_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_DEFAULT);
}

static char* g_page;
static int g_gate[2];

// A child that maps the page, says that it is there, and waits: for a signal or
// for the word to go on.
static void Waiter(void) {
  g_fault = (struct Fault){0, 0, NULL};
  if (sigsetjmp(g_fault_return, 1) == 0) {
    char byte = *(volatile char*)g_page;
    CHECK_EQ(write(g_gate[1], "r", 1), 1);
    CHECK_EQ(read(g_gate[1], &byte, 1), 1);
    _exit(0);
  }
  CHECK_EQ(g_fault.signal, SIGBUS);
  CHECK_EQ(g_fault.code, BUS_MCEERR_AO);
  CHECK_EQ((uintptr_t)g_fault.address, (uintptr_t)g_page);
  CHECK_EQ(g_lsb, 12);
  _exit(7);
}

// What becomes of a child of that policy when the page is lost to us.
static int ChildOf(long policy) {
  MUST(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, policy, 0, 0));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, g_gate));
  fflush(stdout);
  pid_t child = MUST(fork());
  if (child == 0) {
    CHECK_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), policy);
    Waiter();
  }
  char byte;
  CHECK_EQ(read(g_gate[0], &byte, 1), 1);
  CheckPoison(g_page, 12);  // to who asked for it, it is always his own access
  (void)!write(g_gate[0], "x", 1);
  int status;
  CHECK_EQ(MUST(waitpid(child, &status, 0)), child);
  close(g_gate[0]);
  close(g_gate[1]);
  return status;
}

int main(void) {
  Settings();
  Ok("settings");
  if (!CanPoison()) return 0;
  HandleErrors();
  signal(SIGPIPE, SIG_IGN);
  char* area = Island(3, kReadWrite);
  memset(area, 'm', 3 * kPage);
  g_page = area;
  CHECK_EQ(ChildOf(PR_MCE_KILL_EARLY), 7 << 8);
  g_page = area + kPage;
  CHECK_EQ(ChildOf(PR_MCE_KILL_LATE), 0);
  g_page = area + 2 * kPage;
  CHECK_EQ(ChildOf(PR_MCE_KILL_DEFAULT), 0);
  Ok("told early, or late");
}
