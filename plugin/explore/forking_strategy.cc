#include "plugin/explore/forking_strategy.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <new>
#include <utility>

#include "guest_mm/base/check.h"

namespace faultline::explore {

struct ForkingStrategy::Shared {
  std::atomic<uint64_t> runs{1};
  std::atomic<bool> limit_reached{false};
};

ForkingStrategy::ForkingStrategy() {
  void* const map = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  FL_CHECK(map != MAP_FAILED);
  shared_ = new (map) Shared;
}

ForkingStrategy::~ForkingStrategy() { munmap(shared_, sizeof(Shared)); }

void ForkingStrategy::Begin(const Limits& limits, OnDeath on_death) {
  limits_ = limits;
  on_death_ = std::move(on_death);
  begun_ = true;
}

void ForkingStrategy::Follow(std::unique_ptr<mm::Strategy> other) {
  other_ = std::move(other);
}

bool ForkingStrategy::limit_reached() const { return shared_->limit_reached; }

size_t ForkingStrategy::Choose(const mm::Choice& choice) {
  if (other_ != nullptr) {
    return other_->Choose(choice);
  }
  const size_t usual = mm::RoundRobinChoice(choice);
  // Away from one who could have gone on. That a slice is over is none: the
  // program cannot tell when that is.
  const bool preempts = choice.current != nullptr && !choice.slice_over;
  if (!begun_ || (preempts && used_ == limits_.preemptions)) {
    return usual;
  }
  for (size_t i = 0; i < choice.runnable.size(); ++i) {
    if (i != usual && InCopy()) {
      used_ += preempts ? 1 : 0;
      return i;
    }
  }
  return usual;
}

// True in a new copy; false in this process, when the copy has ended.
bool ForkingStrategy::InCopy() {
  if (shared_->runs.fetch_add(1) >= limits_.runs) {
    shared_->runs.fetch_sub(1);
    shared_->limit_reached = true;
    return false;
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
      _exit(1);
    }
    return true;
  }
  int status = 0;
  if (pid < 0) {
    shared_->limit_reached = true;  // the host's
    return false;
  }
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) {
    on_death_(status);
  }
  return false;
}

}  // namespace faultline::explore
