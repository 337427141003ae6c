// Real-time signals queue, each with its value: lowest number first, first
// come first served within a number. Standard ones are kept once.
// Covers: plugin/linux/signal/kill_calls.cc plugin/linux/signal/send.cc
#include "tests/abi/check.h"

static int g_signals[16], g_values[16], g_count;

static void Handler(int signal, siginfo_t* info, void* context) {
  (void)context;
  CHECK_EQ(info->si_code, SI_QUEUE);
  CHECK_EQ(info->si_pid, getpid());
  g_signals[g_count] = signal;
  g_values[g_count++] = info->si_value.sival_int;
}

static void Queue(int signal, int value) {
  MUST(sigqueue(getpid(), signal, (union sigval){.sival_int = value}));
}

int main(void) {
  struct sigaction action = {.sa_sigaction = Handler, .sa_flags = SA_SIGINFO};
  sigfillset(&action.sa_mask);  // one handler at a time
  sigset_t all, old;
  sigemptyset(&all);
  const int kSignals[] = {SIGUSR1, SIGRTMIN, SIGRTMIN + 1};
  for (int i = 0; i < 3; i++) {
    MUST(sigaction(kSignals[i], &action, NULL));
    sigaddset(&all, kSignals[i]);
  }
  MUST(sigprocmask(SIG_BLOCK, &all, &old));
  Queue(SIGRTMIN + 1, 1);
  Queue(SIGRTMIN, 2);
  Queue(SIGUSR1, 3);
  Queue(SIGRTMIN + 1, 4);
  Queue(SIGRTMIN, 5);
  Queue(SIGUSR1, 6);
  MUST(sigprocmask(SIG_SETMASK, &old, NULL));
  const int kOrder[] = {3, 2, 5, 1, 4};
  CHECK_EQ(g_count, 5);
  for (int i = 0; i < 5; i++) CHECK_EQ(g_values[i], kOrder[i]);
  CHECK_EQ(g_signals[0], SIGUSR1);
  Ok("in order, none lost but the second SIGUSR1");
}
