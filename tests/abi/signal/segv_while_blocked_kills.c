// A fault whose signal is blocked or ignored cannot be put off: it kills.
#include <sys/resource.h>

#include "tests/abi/memory.h"

static void Handler(int signal) { _exit(signal); }

static void Crash(void) {
  struct rlimit none = {0, 0};
  MUST(setrlimit(RLIMIT_CORE, &none));
  *(volatile char*)Island(1, PROT_NONE);
}

static void Blocked(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGSEGV, &action, NULL));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGSEGV);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  Crash();
}

static void Ignored(void) {
  MUST(signal(SIGSEGV, SIG_IGN) == SIG_ERR ? -1 : 0);
  Crash();
}

int main(void) {
  CHECK_EQ(RunChild(Blocked) & 0x7f, SIGSEGV);
  Ok("blocked");
  CHECK_EQ(RunChild(Ignored) & 0x7f, SIGSEGV);
  Ok("ignored");
}
