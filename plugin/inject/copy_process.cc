#include "plugin/inject/copy_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace faultline::inject {
namespace {

// What it prints is nobody's: who wants to see it has the run again.
void Silence() {
  const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null >= 0) {
    dup2(null, STDERR_FILENO);
    close(null);
  }
}

}  // namespace

void StartWatchdog() {
  constexpr int kSeconds = 60;
  const itimerval watchdog = {{0, 0}, {kSeconds, 0}};
  setitimer(ITIMER_PROF, &watchdog, nullptr);
}

void DieWithParent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(1);
  }
}

absl::StatusOr<CopyProcess> MakeCopy(
    const std::function<void(int to_parent)>& body) {
  int ends[2];
  if (pipe(ends) != 0) {
    return absl::InternalError(
        absl::StrCat("no pipe for a copy: ", std::strerror(errno)));
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    const int error = errno;
    close(ends[0]);
    close(ends[1]);
    return absl::InternalError(
        absl::StrCat("no process for a copy: ", std::strerror(error)));
  }
  if (pid == 0) {
    DieWithParent(parent);
    close(ends[0]);
    Silence();
    body(ends[1]);
    _exit(0);
  }
  close(ends[1]);
  return CopyProcess{pid, ends[0]};
}

int Finish(const CopyProcess& copy) {
  close(copy.from);
  int status = 0;
  while (waitpid(copy.pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::optional<uint64_t> AskCopy(
    const std::function<std::optional<uint64_t>()>& ask) {
  const auto copy = MakeCopy([&ask](int to_parent) {
    const std::optional<uint64_t> answer = ask();
    if (answer.has_value()) {
      (void)!write(to_parent, &*answer, sizeof *answer);
    }
  });
  if (!copy.ok()) {
    return std::nullopt;
  }
  uint64_t answer = 0;
  ssize_t n = 0;
  do {
    n = read(copy->from, &answer, sizeof answer);
  } while (n < 0 && errno == EINTR);
  (void)Finish(*copy);
  return n == ssize_t(sizeof answer) ? std::optional(answer) : std::nullopt;
}

}  // namespace faultline::inject
