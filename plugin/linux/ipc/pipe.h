#ifndef FAULTLINE_PLUGIN_LINUX_IPC_PIPE_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_PIPE_H_

// Pipe: what the ends of a pipe or fifo share: a ring of slots, each with at
// most one page of bytes. Linux: struct pipe_inode_info, fs/pipe.c.
//
// The slots decide what fits, not the bytes: a small write joins the last slot
// if there is room in that page, else it takes a new one. A write of at most a
// page therefore goes in whole or not at all (PIPE_BUF). The pages are the
// guest's own memory.

#include <cstdint>
#include <deque>
#include <memory>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/sync/lock.h"
#include "guest_mm/sync/wait_queue.h"
#include "plugin/linux/fs/file.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/iov_iter.h"

namespace faultline::mm {
class PhysMem;
}

namespace faultline::os {

// Held over copies from and to user memory, so outside mmap_lock.
// Linux: pipe_inode_info.mutex.
inline constexpr mm::LockClass kPipeLock{
    "pipe.mutex", {"pipe.mutex.locked"}, {"pipe.mutex.unlocked"}, 5};

enum class WhenFull : bool { kWait, kFail };  // kFail: O_NONBLOCK
using WhenEmpty = WhenFull;
// O_DIRECT: each write is a packet, and a read takes one, cut to its size.
enum class PacketMode : bool { kOff, kOn };

class Pipe : public FifoState {
 public:
  static constexpr unsigned kDefaultSlots = 16;

  // `phys` outlives it.
  explicit Pipe(mm::PhysMem& phys) : phys_(phys) {}
  ~Pipe() override;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // Bytes moved; 0 at the end (empty, and nobody can write). kEAGAIN,
  // kERESTARTSYS, kEFAULT if nothing was moved.
  ErrnoOr<uint64_t> Read(IovIter& to, WhenEmpty when_empty);
  // Bytes moved; a short count when interrupted, full or out of memory in the
  // middle. kEPIPE, kEAGAIN, kERESTARTSYS, kEFAULT, kENOMEM if nothing was.
  // `broken`: nobody reads any more, so SIGPIPE is due, count or not.
  struct Written {
    ErrnoOr<uint64_t> result;
    bool broken = false;
  };
  Written Write(IovIter& from, WhenFull when_full, PacketMode packets);
  // Copies what is there, from the front, and leaves it there (tee).
  uint64_t Peek(absl::Span<std::byte> to);

  // An end was opened or closed.
  void AddEnd(bool reads, bool writes);
  void RemoveEnd(bool reads, bool writes);
  int readers() const { return readers_; }
  int writers() const { return writers_; }
  // How many were ever opened: a fifo's open() waits for a change.
  uint64_t reader_count() const { return reader_count_; }
  uint64_t writer_count() const { return writer_count_; }

  PollEvents Poll(bool reads, bool writes, uint64_t writers_at_open) const;
  mm::WaitQueue& poll_queue() { return poll_queue_; }
  // Woken when an end is opened.
  mm::WaitQueue& open_queue() { return open_queue_; }

  uint64_t bytes() const;  // FIONREAD
  uint64_t capacity() const;
  // F_SETPIPE_SZ, rounded up to a power of two of pages; the new capacity.
  // kEBUSY if more is in it, kEINVAL, kEPERM above 1 MiB if not `privileged`.
  ErrnoOr<uint64_t> SetCapacity(uint64_t bytes, bool privileged);

 private:
  struct Slot {
    mm::Pfn page;
    uint32_t offset = 0;
    uint32_t length = 0;
    bool packet = false;
  };
  // What a pass over the slots came to.
  struct Moved {
    uint64_t bytes = 0;
    Errno error = Errno::kOk;  // why it stopped early
  };

  bool empty() const { return slots_.empty(); }
  bool full() const { return slots_.size() >= max_slots_; }
  Moved Drain(IovIter& to) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Moved Fill(IovIter& from, PacketMode packets, bool may_join)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Join(IovIter& from, Moved& moved) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropFront();
  void WakeReaders();
  void WakeWriters();

  mm::PhysMem& phys_;
  mm::Lock mutex_{kPipeLock};
  // Changed with mutex_ held; looked at without it only by those who then
  // wait or take it.
  std::deque<Slot> slots_;
  size_t max_slots_ = kDefaultSlots;
  int readers_ = 0;
  int writers_ = 0;
  uint64_t reader_count_ = 0;
  uint64_t writer_count_ = 0;
  mm::WaitQueue read_wait_{"pipe_read"};
  mm::WaitQueue write_wait_{"pipe_write"};
  mm::WaitQueue poll_queue_{"poll"};
  mm::WaitQueue open_queue_{"wait_for_partner"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_PIPE_H_
