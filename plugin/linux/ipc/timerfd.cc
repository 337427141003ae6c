#include "plugin/linux/ipc/timerfd.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"

namespace faultline::os {

TimerFd::~TimerFd() {
  if (timer_ != 0) {
    scheduler_.CancelTimer(timer_);
  }
}

void TimerFd::Set(mm::VirtualTime at, uint64_t interval_ns) {
  if (timer_ != 0) {
    scheduler_.CancelTimer(std::exchange(timer_, 0));
  }
  ticks_ = 0;
  expired_ = false;
  expires_ = at;
  interval_ns_ = interval_ns;
  Arm();
}

void TimerFd::Arm() {
  if (expires_ == mm::VirtualTime::Never()) {
    return;
  }
  if (expires_ <= scheduler_.now()) {
    Fire();
  } else {
    timer_ = scheduler_.AddTimer(expires_, [this] { Fire(); });
  }
}

void TimerFd::Fire() {
  timer_ = 0;
  expired_ = true;
  ++ticks_;
  read_wait_.WakeAll();
  queue_.WakeAll(kPollIn);
}

void TimerFd::CatchUp() {
  if (!expired_ || interval_ns_ == 0) {
    return;
  }
  expired_ = false;
  // The expiry that fired is in ticks_ already.
  const uint64_t missed = (scheduler_.now() - expires_) / interval_ns_;
  ticks_ += missed;
  expires_ = expires_ + (missed + 1) * interval_ns_;
  Arm();
}

TimerFd::Setting TimerFd::Get() {
  CatchUp();
  Setting setting;
  setting.interval_ns = interval_ns_;
  if (timer_ != 0) {
    setting.value_ns = expires_ - scheduler_.now();
  }
  return setting;
}

ErrnoOr<uint64_t> TimerFd::Read(Task&, absl::Span<std::byte> to) {
  if (to.size() < sizeof ticks_) {
    return Errno::kEINVAL;
  }
  while (ticks_ == 0) {
    if (nonblocking()) {
      return Errno::kEAGAIN;
    }
    if (scheduler_.Wait(read_wait_, mm::Interruptible::kYes) ==
        mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTSYS;
    }
  }
  CatchUp();
  const uint64_t ticks = std::exchange(ticks_, 0);
  std::memcpy(to.data(), &ticks, sizeof ticks);
  return sizeof ticks;
}

std::string TimerFd::FdInfo() const {
  const uint64_t left = timer_ == 0 ? 0 : expires_ - scheduler_.now();
  constexpr uint64_t kSecond = 1'000'000'000;
  return absl::StrFormat(
      "clockid: %d\nticks: %d\nit_value: (%d, %d)\nit_interval: (%d, %d)\n",
      clock_, ticks_, left / kSecond, left % kSecond, interval_ns_ / kSecond,
      interval_ns_ % kSecond);
}

}  // namespace faultline::os
