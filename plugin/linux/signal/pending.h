#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_PENDING_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_PENDING_H_

// PendingSignals: a queue of raised signals, one per thread and one shared by
// the process. Linux: struct sigpending. SignalHandlers: the table that
// CLONE_SIGHAND shares (struct sighand_struct).

#include <array>
#include <deque>
#include <optional>

#include "guest_mm/sync/wait_queue.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/signal/sigqueue.h"

namespace faultline::os {

class PendingSignals {
 public:
  SignalSet set() const { return set_; }
  size_t queued() const { return queue_.size(); }
  // Adds `info`. A signal under kSigRtMin is pending at most once: false if it
  // was already; but a timer's counts as another (send_sigqueue()).
  bool Add(const SigInfo& info, SigqueuePool::Room room = {});
  // Marks it pending without room for its siginfo (queue limit): it arrives
  // as from SI_USER of nobody, as in Linux.
  void AddBare(int signo) { set_.add(signo); }
  // Takes the first deliverable signal out of `from`: synchronous faults
  // first, then the lowest number; within a number, oldest first.
  std::optional<SigInfo> Take(SignalSet from);
  // Drops all of these.
  void Discard(SignalSet which);

 private:
  SignalSet set_;
  struct Queued {
    SigInfo info;
    SigqueuePool::Room room;
  };
  std::deque<Queued> queue_;
};

struct SignalHandlers {
  std::array<SigAction, kSigMax + 1> action;  // by signal number
  // Woken by every signal sent to a thread that shares this table (signalfd).
  mm::WaitQueue signalfd_queue{"signalfd"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_PENDING_H_
