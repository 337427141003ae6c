#include "plugin/linux/ipc/epoll.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::os {
namespace {

constexpr uint32_t kPrivateBits =
    kEpollExclusive | kEpollWakeup | kEpollOneShot | kEpollEdge;
constexpr uint32_t kExclusiveMayHave = kPollIn | kPollOut | kPollErr |
                                       kPollHup | kEpollWakeup | kEpollEdge |
                                       kEpollExclusive;
// How many epolls one EPOLL_CTL_ADD may walk over (Linux: path_limits).
constexpr int kSearchBudget = 1000;
// Of one epoll; what all of them take is bounded by memory. Linux:
// /proc/sys/fs/epoll/max_user_watches.
constexpr size_t kMaxItems = 100'000;
// An item, its place in two lists, and the weak hold that keeps a closed
// file's storage until the item is found out.
constexpr size_t kItemBytes = 512;

}  // namespace

// One watched file.
struct Epoll::Item final : public mm::WaitNode,
                           public std::enable_shared_from_this<Item> {
  Item(Epoll& epoll_in, int fd_in, const std::shared_ptr<File>& file_in,
       EpollEvent event_in, mm::Slab::Charge charge_in)
      : epoll(epoll_in),
        fd(fd_in),
        file(file_in),
        event(event_in),
        charge(std::move(charge_in)) {}

  bool OnWake(mm::WakeKey key) override {
    const uint32_t wanted = event.events & ~kPrivateBits;
    if (removed || wanted == 0 || (key & wanted) == 0) {
      return false;  // disarmed, or about something else
    }
    const bool someone_waits = !epoll.wait_.empty();
    epoll.MarkReady(*this);
    return exclusive() && someone_waits;
  }
  bool exclusive() const override {
    return (event.events & kEpollExclusive) != 0;
  }

  Epoll& epoll;
  int fd;
  std::weak_ptr<File> file;
  EpollEvent event;
  mm::Slab::Charge charge;
  bool ready = false;
  bool removed = false;
};

Epoll::~Epoll() {
  for (const ItemPtr& item : items_) {
    item->removed = true;
    item->WaitNode::Remove();
  }
}

Epoll::ItemPtr Epoll::Find(int fd, const File& file) const {
  for (const ItemPtr& item : items_) {
    if (item->fd == fd && item->file.lock().get() == &file) {
      return item;
    }
  }
  return nullptr;
}

void Epoll::Remove(const ItemPtr& item) {
  item->removed = true;
  item->WaitNode::Remove();
  if (item->ready) {
    ready_.remove(item);
    sending_.remove(item);
  }
  items_.remove(item);
}

// Linux takes an item out when its file is closed; here it is found later,
// which nobody can tell.
void Epoll::DropClosed() {
  std::vector<ItemPtr> closed;
  for (const ItemPtr& item : items_) {
    if (item->file.expired()) {
      closed.push_back(item);
    }
  }
  for (const ItemPtr& item : closed) {
    Remove(item);
  }
}

void Epoll::MarkReady(Item& item) {
  if (!item.ready) {
    item.ready = true;
    ready_.push_back(item.shared_from_this());
  }
  wait_.WakeOne();
  poll_queue_.WakeOne(kPollIn | kPollRdNorm);
}

PollEvents Epoll::EventsOf(Item& item) const {
  const std::shared_ptr<File> file = item.file.lock();
  return file == nullptr ? 0 : file->Poll() & item.event.events & ~kPrivateBits;
}

int Epoll::LinksBelow(const Epoll* forbidden, int& budget) const {
  if (this == forbidden || --budget < 0) {
    return kMaxLinks + 1;
  }
  int links = 0;
  for (const ItemPtr& item : items_) {
    const auto below = std::dynamic_pointer_cast<Epoll>(item->file.lock());
    if (below != nullptr) {
      links = std::max(links, 1 + below->LinksBelow(forbidden, budget));
    }
  }
  return links;
}

int Epoll::LinksAbove(int& budget) const {
  if (--budget < 0) {
    return kMaxLinks + 1;
  }
  int links = 0;
  for (const mm::WaitNode* node = poll_queue_.front(); node != nullptr;
       node = mm::WaitQueue::Next(*node)) {
    if (const auto* item = dynamic_cast<const Item*>(node)) {
      links = std::max(links, 1 + item->epoll.LinksAbove(budget));
    }
  }
  return links;
}

ErrnoOr<Done> Epoll::Add(int fd, const std::shared_ptr<File>& file,
                         EpollEvent event) {
  mm::WaitQueue* queue = file->poll_queue();
  if (queue == nullptr) {
    return Errno::kEPERM;
  }
  if (file.get() == this) {
    return Errno::kEINVAL;
  }
  const Epoll* below = dynamic_cast<const Epoll*>(file.get());
  if ((event.events & kEpollExclusive) != 0 &&
      (below != nullptr || (event.events & ~kExclusiveMayHave) != 0)) {
    return Errno::kEINVAL;
  }
  // Before anything is looked at: paying may wait.
  FL_ASSIGN(mm::Slab::Charge charge, slab_->Take(kItemBytes));
  DropClosed();
  if (below != nullptr) {
    int budget = kSearchBudget;
    const int links = below->LinksBelow(this, budget) + 1 + LinksAbove(budget);
    if (links > kMaxLinks) {
      return Errno::kELOOP;
    }
  }
  if (Find(fd, *file) != nullptr) {
    return Errno::kEEXIST;
  }
  if (items_.size() >= kMaxItems) {
    return Errno::kENOSPC;
  }
  event.events |= kPollErr | kPollHup;
  auto item = std::make_shared<Item>(*this, fd, file, event, std::move(charge));
  items_.push_back(item);
  queue->Add(*item);
  if (EventsOf(*item) != 0) {
    MarkReady(*item);
  }
  return kDone;
}

ErrnoOr<Done> Epoll::Modify(int fd, const File& file, EpollEvent event) {
  const ItemPtr item = Find(fd, file);
  if (item == nullptr) {
    return Errno::kENOENT;
  }
  if (((event.events | item->event.events) & kEpollExclusive) != 0) {
    return Errno::kEINVAL;
  }
  item->event = {event.events | kPollErr | kPollHup, event.data};
  if (EventsOf(*item) != 0) {
    MarkReady(*item);
  }
  return kDone;
}

ErrnoOr<Done> Epoll::Delete(int fd, const File& file) {
  const ItemPtr item = Find(fd, file);
  if (item == nullptr) {
    return Errno::kENOENT;
  }
  Remove(item);
  return kDone;
}

ErrnoOr<int> Epoll::Send(int max, Deliver deliver) {
  // Items that become ready meanwhile, or stay so, are for the next pass.
  sending_.splice(sending_.end(), ready_);
  int sent = 0;
  bool faulted = false;
  while (sent < max && !sending_.empty()) {
    const ItemPtr item = sending_.front();
    sending_.pop_front();
    item->ready = false;
    const PollEvents events = EventsOf(*item);
    if (events == 0) {
      continue;
    }
    // The copy to user memory may wait, and much may happen meanwhile.
    if (!deliver({events, item->event.data})) {
      if (!item->ready && !item->removed) {
        item->ready = true;
        sending_.push_front(item);
      }
      faulted = true;
      break;
    }
    ++sent;
    if ((item->event.events & kEpollOneShot) != 0) {
      item->event.events &= kPrivateBits;
    } else if ((item->event.events & kEpollEdge) == 0 && !item->ready &&
               !item->removed) {
      item->ready = true;
      ready_.push_back(item);
    }
  }
  ready_.splice(ready_.begin(), sending_);
  if (!ready_.empty()) {
    wait_.WakeOne();  // the next waiter may take what is left
  }
  return sent == 0 && faulted ? ErrnoOr<int>(Errno::kEFAULT) : sent;
}

ErrnoOr<int> Epoll::Wait(int max, mm::VirtualTime deadline, Deliver deliver) {
  mm::Scheduler& scheduler = *mm::Scheduler::Active();
  for (;;) {
    if (!ready_.empty()) {
      FL_ASSIGN(const int sent, Send(max, deliver));
      if (sent > 0) {
        return sent;
      }
    }
    while (ready_.empty()) {
      switch (scheduler.Wait(wait_, mm::Interruptible::kYes, deadline)) {
        case mm::WaitResult::kWoken:
          break;
        case mm::WaitResult::kTimedOut:
          return 0;
        case mm::WaitResult::kInterrupted:
          return Errno::kEINTR;
      }
    }
  }
}

PollEvents Epoll::Poll() {
  for (auto it = ready_.begin(); it != ready_.end();) {
    if (EventsOf(**it) != 0) {
      return kPollIn | kPollRdNorm;
    }
    (*it)->ready = false;
    it = ready_.erase(it);
  }
  return 0;
}

std::string Epoll::FdInfo() const {
  std::string text;
  for (const ItemPtr& item : items_) {
    if (!item->file.expired()) {
      text += absl::StrFormat("tfd: %8d events: %8x data: %16x\n", item->fd,
                              item->event.events, item->event.data);
    }
  }
  return text;
}

}  // namespace faultline::os
