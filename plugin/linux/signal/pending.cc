#include "plugin/linux/signal/pending.h"

#include <algorithm>
#include <bit>

namespace faultline::os {
namespace {

// Delivered before others: the instruction they belong to is the present one.
constexpr SignalSet kSynchronous =
    SignalSet::Of(kSigSegv) | SignalSet::Of(kSigBus) | SignalSet::Of(kSigIll) |
    SignalSet::Of(kSigTrap) | SignalSet::Of(kSigFpe) | SignalSet::Of(kSigSys);

}  // namespace

bool PendingSignals::Add(const SigInfo& info) {
  if (info.signo < kSigRtMin && set_.has(info.signo)) {
    return false;
  }
  set_.add(info.signo);
  queue_.push_back(info);
  return true;
}

std::optional<SigInfo> PendingSignals::Take(SignalSet from) {
  SignalSet ready = set_ & from;
  if (ready.empty()) {
    return std::nullopt;
  }
  if (!(ready & kSynchronous).empty()) {
    ready = ready & kSynchronous;
  }
  const int signo = std::countr_zero(ready.bits()) + 1;
  const auto is_it = [signo](const SigInfo& i) { return i.signo == signo; };
  auto it = std::find_if(queue_.begin(), queue_.end(), is_it);
  if (it == queue_.end()) {
    set_.remove(signo);
    return SigInfo(signo, kSiUser);
  }
  const SigInfo info = *it;
  it = queue_.erase(it);
  if (std::none_of(it, queue_.end(), is_it)) {
    set_.remove(signo);
  }
  return info;
}

void PendingSignals::Discard(SignalSet which) {
  set_ = set_ & ~which;
  std::erase_if(queue_,
                [which](const SigInfo& i) { return which.has(i.signo); });
}

}  // namespace faultline::os
