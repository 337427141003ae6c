#include "tests/bench/process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace faultline::bench {
namespace {

constexpr rlim_t kCpuLimitSeconds = 60;

[[noreturn]] void Execute(const Command& command) {
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) {
    dup2(null, fd);
  }
  rlimit limit = {kCpuLimitSeconds, kCpuLimitSeconds};
  setrlimit(RLIMIT_CPU, &limit);
  std::vector<char*> argv;
  for (const std::string& arg : command) {
    argv.push_back(const_cast<char*>(arg.c_str()));
  }
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

double Seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

}  // namespace

absl::StatusOr<Cost> Run(const Command& command) {
  auto start = std::chrono::steady_clock::now();
  pid_t pid = fork();
  if (pid < 0) {
    return absl::InternalError("fork failed");
  }
  if (pid == 0) {
    Execute(command);
  }
  int status = 0;
  rusage usage = {};
  if (wait4(pid, &status, 0, &usage) != pid) {
    return absl::InternalError("wait4 failed");
  }
  std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  if (WIFSIGNALED(status)) {
    return absl::AbortedError(absl::StrCat("signal ", WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    return absl::AbortedError(absl::StrCat("exit ", WEXITSTATUS(status)));
  }
  return Cost{Seconds(usage.ru_utime) + Seconds(usage.ru_stime), wall.count()};
}

std::string ToString(const Command& command) {
  return absl::StrJoin(command, " ");
}

double Median(std::vector<double> values) {
  auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace faultline::bench
