#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_SIGQUEUE_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_SIGQUEUE_H_

// SigqueuePool: how many queued signals' siginfo the machine keeps at once.
// Linux: kernel/signal.c __sigqueue_alloc(), sigqueue_cachep.
//
// RLIMIT_SIGPENDING is the guest's to raise. What the host spends is bounded
// here, by a share of the guest's memory. Not a Slab's charge: a signal may be
// raised where nothing can wait for a frame (a timer's expiry), as with
// GFP_ATOMIC.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace faultline::os {

class SigqueuePool : public std::enable_shared_from_this<SigqueuePool> {
 public:
  // Room for one; given back at its end. An empty one is free of charge.
  class Room {
   public:
    Room() = default;
    Room(Room&& o) noexcept = default;
    Room& operator=(Room&& o) noexcept {
      std::swap(pool_, o.pool_);
      return *this;
    }
    ~Room() {
      if (pool_ != nullptr) {
        --pool_->used_;
      }
    }

   private:
    friend class SigqueuePool;
    explicit Room(std::shared_ptr<SigqueuePool> pool)
        : pool_(std::move(pool)) {}
    std::shared_ptr<SigqueuePool> pool_;
  };

  explicit SigqueuePool(uint64_t memory_bytes)
      : limit_(size_t(memory_bytes / kShare / kEntryBytes)) {}

  // Nothing: full.
  std::optional<Room> Take() {
    if (used_ >= limit_) {
      return std::nullopt;
    }
    ++used_;
    return Room(shared_from_this());
  }
  size_t used() const { return used_; }
  size_t limit() const { return limit_; }

 private:
  static constexpr uint64_t kShare = 16;  // of memory: one part in so many
  static constexpr uint64_t kEntryBytes = 192;  // a siginfo and its place

  size_t limit_;
  size_t used_ = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_SIGQUEUE_H_
