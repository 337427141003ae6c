#include "plugin/linux/signal/pending.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace faultline::os {
namespace {

// Delivered before others: the instruction they belong to is the present one.
constexpr SignalSet kSynchronous =
    SignalSet::Of(kSigSegv) | SignalSet::Of(kSigBus) | SignalSet::Of(kSigIll) |
    SignalSet::Of(kSigTrap) | SignalSet::Of(kSigFpe) | SignalSet::Of(kSigSys);

}  // namespace

bool PendingSignals::Add(const SigInfo& info, SigqueuePool::Room room) {
  if (info.signo < kSigRtMin && info.code != kSiTimer && set_.has(info.signo)) {
    return false;
  }
  set_.add(info.signo);
  queue_.push_back({info, std::move(room)});
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
  const auto is_it = [signo](const Queued& q) { return q.info.signo == signo; };
  auto it = std::find_if(queue_.begin(), queue_.end(), is_it);
  if (it == queue_.end()) {
    set_.remove(signo);
    return SigInfo(signo, kSiUser);
  }
  const SigInfo info = it->info;
  it = queue_.erase(it);
  if (std::none_of(it, queue_.end(), is_it)) {
    set_.remove(signo);
  }
  return info;
}

void PendingSignals::Discard(SignalSet which) {
  set_ = set_ & ~which;
  std::erase_if(queue_,
                [which](const Queued& q) { return which.has(q.info.signo); });
}

}  // namespace faultline::os
