#include "plugin/inject/watched_run.h"

#include <cstring>
#include <set>
#include <string_view>
#include <utility>

#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::inject {
namespace {

// How long to look for a state that comes again: looks, and time at most.
constexpr int kMostLooks = 200;
constexpr uint64_t kLookNs = 50'000'000;

uint64_t Mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 32;
}

uint64_t HashBytes(uint64_t hash, const void* bytes, size_t n) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  for (; n >= 8; n -= 8, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    hash = Mix(hash, word);
  }
  for (; n > 0; --n, ++at) {
    hash = Mix(hash, *at);
  }
  return hash;
}

// Every frame that somebody has, and the registers of every thread. What was
// loaded into the CPU before is not after.
uint64_t StateOf(os::Kernel& kernel) {
  uint64_t hash = 1;
  const mm::PhysMem& phys = kernel.memory().phys();
  phys.ForEachFrame([&](mm::Pfn pfn, const mm::Frame& f) {
    if (f.use != mm::FrameUse::kFree && f.use != mm::FrameUse::kReserved) {
      hash = Mix(hash, pfn.value());
      hash = HashBytes(hash, phys.Data(pfn), phys.page_shift().bytes());
    }
  });
  for (const auto& [tid, task] : kernel.processes().tasks()) {
    hash = Mix(hash, uint64_t(tid));
    if (task->exited() || task->shared.mm == nullptr) {
      continue;
    }
    os::LoadTask(*task);
    const engine::RegisterFile regs = kernel.cpu().ReadRegisters();
    std::visit([&](const auto& r) { hash = HashBytes(hash, &r, sizeof r); },
               regs);
  }
  return hash;
}

// Looks at the state at places that every loop comes to.
class Looker : public mm::ScheduleObserver {
 public:
  explicit Looker(os::Kernel& kernel) : kernel_(kernel) {}
  void OnSwitch(const mm::Actor*, const mm::Actor&,
                const mm::PointSite*) override {}
  void OnPoint(const mm::Actor& actor, const mm::PointSite& at) override {
    const bool user = &at == &os::kUserSlice || &at == &os::kSyscallExit;
    if (done_ || (!user && &at != &mm::kMmapLock.unlocked)) {
      return;
    }
    // Each place for itself: a state is also where in the kernel one is.
    found_ = !seen_.insert({&at, actor.id(), StateOf(kernel_)}).second;
    if (found_ || int(seen_.size()) == kMostLooks) {
      done_ = true;
      kernel_.scheduler().Stop();
    }
  }
  bool found() const { return found_; }

 private:
  os::Kernel& kernel_;
  std::set<std::tuple<const mm::PointSite*, uint32_t, uint64_t>> seen_;
  bool done_ = false;
  bool found_ = false;
};

}  // namespace

bool ComesRound(os::Kernel& kernel) {
  mm::Scheduler& scheduler = kernel.scheduler();
  Looker looker(kernel);
  scheduler.set_observer(&looker, /*wants_points=*/true);
  {
    const TimeLimit patience(scheduler, scheduler.now() + kLookNs);
    (void)scheduler.Run();
  }
  scheduler.set_observer(nullptr, false);
  // A timer of the program's would change something when it fires.
  return looker.found() && scheduler.next_timer() == mm::VirtualTime::Never();
}

WatchedRun::WatchedRun(os::Kernel& kernel, uint64_t limit_ns)
    : kernel_(kernel),
      start_(kernel.now()),
      time_(kernel.scheduler(), start_ + limit_ns) {}

os::RunResult WatchedRun::Run() {
  os::RunResult result = kernel_.Run();
  if (!time_.reached() || !kernel_.failure().ok()) {
    limit_ = result.kind == os::RunResult::Kind::kDeadlock ? Limit::kDeadlock
                                                           : Limit::kKept;
  } else if (kernel_.scheduler().runnable_count() == 0) {
    limit_ = Limit::kDeadlock;  // the limit was all that there was to wait for
  } else {
    time_.set(mm::VirtualTime::Never());
    limit_ = ComesRound(kernel_) ? Limit::kLivelock : Limit::kReached;
  }
  return result;
}

}  // namespace faultline::inject
