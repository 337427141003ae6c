// sigaltstack: too small, busy, disabled, and what a handler on it sees.
// Covers: plugin/linux/signal/alt_stack.cc
#include "tests/abi/check.h"

static char g_stack[65536];
static volatile int g_flags_inside, g_change_inside;

static void Handler(int signal) {
  (void)signal;
  stack_t old, other = {.ss_sp = g_stack, .ss_size = sizeof g_stack};
  sigaltstack(NULL, &old);
  g_flags_inside = old.ss_flags;
  g_change_inside = sigaltstack(&other, NULL) ? errno : 0;
}

int main(void) {
  stack_t stack = {.ss_sp = g_stack, .ss_size = 1000}, old;
  CHECK_FAILS(sigaltstack(&stack, NULL), ENOMEM);
  stack =
      (stack_t){.ss_sp = g_stack, .ss_size = sizeof g_stack, .ss_flags = 64};
  CHECK_FAILS(sigaltstack(&stack, NULL), EINVAL);
  MUST(sigaltstack(NULL, &old));
  CHECK_EQ(old.ss_flags, SS_DISABLE);
  Ok("too small, unknown flag, disabled at first");

  stack.ss_flags = 0;
  MUST(sigaltstack(&stack, NULL));
  struct sigaction action = {.sa_handler = Handler, .sa_flags = SA_ONSTACK};
  MUST(sigaction(SIGUSR1, &action, NULL));
  raise(SIGUSR1);
  CHECK_EQ(g_flags_inside, SS_ONSTACK);
  CHECK_EQ(g_change_inside, EPERM);
  MUST(sigaltstack(NULL, &old));
  CHECK_EQ(old.ss_flags, 0);
  CHECK_EQ(old.ss_sp, g_stack);
  Ok("in use inside the handler, and may not be changed there");

  stack.ss_flags = SS_DISABLE;
  MUST(sigaltstack(&stack, NULL));
  raise(SIGUSR1);
  CHECK_EQ(g_flags_inside, SS_DISABLE);
  Ok("disabled: the handler runs on the ordinary stack");
}
