// poll, nanosleep, pause, sigsuspend, epoll_wait and a wait with a timeout are
// never restarted.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>

#include "tests/abi/check.h"

static void Handler(int signal) { (void)signal; }

static void ArmAlarm(void) {
  struct itimerval in_10ms = {.it_value = {0, 10000}};
  MUST(setitimer(ITIMER_REAL, &in_10ms, NULL));
}

int main(void) {
  struct sigaction action = {.sa_handler = Handler, .sa_flags = SA_RESTART};
  MUST(sigaction(SIGALRM, &action, NULL));
  int fds[2];
  MUST(pipe(fds));
  ArmAlarm();
  struct pollfd poll_fd = {.fd = fds[0], .events = POLLIN};
  CHECK_FAILS(poll(&poll_fd, 1, -1), EINTR);
  ArmAlarm();
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fds[0], &set);
  CHECK_FAILS(select(fds[0] + 1, &set, NULL, NULL, NULL), EINTR);
  int epoll = MUST(epoll_create1(0));
  struct epoll_event event;
  ArmAlarm();
  CHECK_FAILS(epoll_wait(epoll, &event, 1, -1), EINTR);
  Ok("poll, select, epoll_wait");

  ArmAlarm();
  CHECK_FAILS(pause(), EINTR);
  struct timespec long_time = {100, 0};
  ArmAlarm();
  CHECK_FAILS(nanosleep(&long_time, NULL), EINTR);
  ArmAlarm();
  sigset_t none, usr1;
  sigemptyset(&none);
  CHECK_FAILS(sigsuspend(&none), EINTR);
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  ArmAlarm();
  CHECK_FAILS(sigtimedwait(&usr1, NULL, &long_time), EINTR);
  Ok("pause, nanosleep, sigsuspend, sigtimedwait");
}
