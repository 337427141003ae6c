// Without an alternate stack there is nowhere to run the handler: the process
// dies of SIGSEGV.
#include <sys/resource.h>

#include "tests/abi/memory.h"

static void Handler(int signal) { _exit(signal); }

static void Child(void) {
  struct rlimit limit = {1 << 20, 1 << 20};
  MUST(setrlimit(RLIMIT_STACK, &limit));
  limit.rlim_cur = limit.rlim_max = 0;
  MUST(setrlimit(RLIMIT_CORE, &limit));
  MUST(signal(SIGSEGV, Handler) == SIG_ERR ? -1 : 0);
  char here;
#if defined(__x86_64__)
  __asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(&here - (2 << 20)));
#elif defined(__aarch64__)
  __asm__ volatile("mov sp, %0; str x0, [sp, #-16]!"
                   :
                   : "r"(((uintptr_t)&here - (2 << 20)) & -16ul));
#endif
}

int main(void) {
  int status = RunChild(Child);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGSEGV);
  Ok("killed");
}
