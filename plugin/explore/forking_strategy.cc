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

void ForkingStrategy::Begin(const Limits& limits, Events events) {
  limits_ = limits;
  events_ = std::move(events);
  shared_->runs = 1;
  shared_->limit_reached = false;
  begun_ = true;
}

void ForkingStrategy::Follow(std::unique_ptr<mm::Strategy> other) {
  other_ = std::move(other);
}

bool ForkingStrategy::limit_reached() const { return shared_->limit_reached; }

size_t ForkingStrategy::Choose(const mm::Choice& choice) {
  const size_t chosen = Pick(choice);
  log_.Note(choice, chosen);
  return chosen;
}

size_t ForkingStrategy::Pick(const mm::Choice& choice) {
  if (other_ != nullptr) {
    return other_->Choose(choice);
  }
  const size_t usual = mm::RoundRobinChoice(choice);
  if (!begun_) {
    return usual;
  }
  for (size_t i = 0; i < choice.runnable.size(); ++i) {
    const bool costs = CostsPreemption(choice, i);
    if (i != usual && !(costs && used_ == limits_.preemptions) &&
        InCopy(choice, i)) {
      used_ += costs ? 1 : 0;
      return i;
    }
  }
  return usual;
}

// True in a new copy; false in this process, when the copy has ended.
bool ForkingStrategy::InCopy(const mm::Choice& choice, size_t chosen) {
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
    if (events_.in_copy != nullptr) {
      events_.in_copy();
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
  if (status != 0 && events_.on_death != nullptr) {
    std::vector<Turn> turns = log_.turns();
    turns.push_back(log_.Of(choice, chosen));
    events_.on_death(status, turns);
  }
  return false;
}

}  // namespace faultline::explore
