#ifndef FAULTLINE_PLUGIN_LINUX_IPC_EPOLL_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_EPOLL_H_

// Epoll: a set of files and the list of those that may have events. Linux:
// fs/eventpoll.c.
//
// An item is on the ready list from the wake-up that concerns it until a wait
// looks at it. Level-triggered items go back on the list as long as they have
// events; edge-triggered ones wait for the next wake-up; one-shot ones are
// disarmed. An item goes with its file, whoever closes that last.

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "guest_mm/sync/virtual_time.h"
#include "plugin/linux/fs/file.h"

namespace faultline::os {

// Input flags beside the poll events (include/uapi/linux/eventpoll.h).
inline constexpr uint32_t kEpollExclusive = 1u << 28;
inline constexpr uint32_t kEpollWakeup = 1u << 29;
inline constexpr uint32_t kEpollOneShot = 1u << 30;
inline constexpr uint32_t kEpollEdge = 1u << 31;

struct EpollEvent {
  uint32_t events = 0;
  uint64_t data = 0;
};

class Epoll final : public File {
 public:
  // `slab` pays for the items.
  explicit Epoll(std::shared_ptr<mm::Slab> slab)
      : File(kO_RDWR), slab_(std::move(slab)) {}
  ~Epoll() override;

  // EPOLL_CTL_ADD: kEEXIST; kEPERM for files that are always ready; kELOOP for
  // a ring of epolls or a chain of more than five; kEINVAL for itself and
  // for EPOLLEXCLUSIVE with what it does not go with; kENOSPC,
  // kENOMEM.
  ErrnoOr<Done> Add(int fd, const std::shared_ptr<File>& file,
                    EpollEvent event);
  // EPOLL_CTL_MOD and DEL. kENOENT; kEINVAL for an exclusive item.
  ErrnoOr<Done> Modify(int fd, const File& file, EpollEvent event);
  ErrnoOr<Done> Delete(int fd, const File& file);

  // Hands up to `max` events to `deliver`, which answers false if it cannot
  // take one (that one stays ready, and kEFAULT is the answer if it was the
  // first). Waits until there is one or `deadline` (then 0). kEINTR.
  using Deliver = absl::FunctionRef<bool(const EpollEvent&)>;
  ErrnoOr<int> Wait(int max, mm::VirtualTime deadline, Deliver deliver);

  PollEvents Poll() override;
  mm::WaitQueue* poll_queue() override { return &poll_queue_; }
  std::string LinkName() const override { return "anon_inode:[eventpoll]"; }
  std::string FdInfo() const override;

 private:
  struct Item;
  using ItemPtr = std::shared_ptr<Item>;

  // The longest chain of epolls below this one, and above it, in links; more
  // than kMaxLinks if `forbidden` is below. `budget` bounds the search in a
  // wide net: it too is "more" when that is used up.
  static constexpr int kMaxLinks = 4;
  int LinksBelow(const Epoll* forbidden, int& budget) const;
  int LinksAbove(int& budget) const;

  ItemPtr Find(int fd, const File& file) const;
  void Remove(const ItemPtr& item);
  void DropClosed();
  // The item's wait queue said that it may have events now.
  void MarkReady(Item& item);
  PollEvents EventsOf(Item& item) const;
  // One pass over the ready list.
  ErrnoOr<int> Send(int max, Deliver deliver);

  std::shared_ptr<mm::Slab> slab_;
  std::list<ItemPtr> items_;  // in order of adding
  // Items to look at, in order of their wake-ups. Invariant: an item is in at
  // most one of the two, at most once, and then its `ready` is set.
  std::list<ItemPtr> ready_;
  std::list<ItemPtr> sending_;  // what a pass has still to look at
  mm::WaitQueue wait_{"ep_poll"};
  mm::WaitQueue poll_queue_{"poll"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_EPOLL_H_
