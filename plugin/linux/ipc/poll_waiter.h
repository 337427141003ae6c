#ifndef FAULTLINE_PLUGIN_LINUX_IPC_POLL_WAITER_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_POLL_WAITER_H_

// PollWaiter: a call that waits for events of many files. Linux: struct
// poll_wqueues (fs/select.c).
//
// The caller watches each file, *then* looks at its events, and sleeps only if
// there were none: a wake-up in between is remembered.

#include <list>
#include <memory>

#include "guest_mm/sync/scheduler.h"
#include "guest_mm/sync/virtual_time.h"
#include "guest_mm/sync/wait_queue.h"
#include "plugin/linux/fs/file.h"

namespace faultline::os {

class PollWaiter {
 public:
  // `slab` outlives it and pays for the places.
  explicit PollWaiter(mm::Slab& slab) : slab_(slab) {}
  PollWaiter(const PollWaiter&) = delete;
  PollWaiter& operator=(const PollWaiter&) = delete;

  // Wake-ups of `file` that concern `events` end Sleep() from now on. The file
  // stays open until this is destroyed. kENOMEM: it is not watched.
  ErrnoOr<Done> Watch(std::shared_ptr<File> file, PollEvents events);
  // Until a wake-up since the last Sleep(), a signal, or `deadline`. The
  // actor's.
  mm::WaitResult Sleep(mm::VirtualTime deadline);

 private:
  class Place final : public mm::WaitNode {
   public:
    Place(PollWaiter& waiter, std::shared_ptr<File> file, PollEvents events,
          mm::Slab::Charge charge)
        : waiter_(waiter),
          file_(std::move(file)),
          events_(events),
          charge_(std::move(charge)) {}

   private:
    bool OnWake(mm::WakeKey key) override;
    PollWaiter& waiter_;
    std::shared_ptr<File> file_;
    PollEvents events_;
    mm::Slab::Charge charge_;
  };

  mm::Slab& slab_;
  std::list<Place> places_;
  bool triggered_ = false;
  mm::WaitQueue queue_{"do_poll"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_POLL_WAITER_H_
