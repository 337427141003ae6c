#include "plugin/linux/ipc/pipe.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "guest_mm/base/check.h"
#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::os {
namespace {

// /proc/sys/fs/pipe-max-size.
constexpr uint64_t kPipeMaxSize = 1 << 20;

// Sleeps until `stop_waiting`. False if a signal came first. Nothing comes
// between the look and the sleep.
template <typename Condition>
bool WaitUntil(mm::WaitQueue& queue, Condition stop_waiting) {
  while (!stop_waiting()) {
    if (mm::Scheduler::Active()->Wait(queue, mm::Interruptible::kYes) ==
        mm::WaitResult::kInterrupted) {
      return false;
    }
  }
  return true;
}

}  // namespace

Pipe::~Pipe() {
  while (!slots_.empty()) {
    DropFront();
  }
}

void Pipe::DropFront() {
  phys_.Put(slots_.front().page);
  slots_.pop_front();
}

void Pipe::WakeReaders() {
  read_wait_.WakeOne();
  poll_queue_.WakeOne(kPollIn | kPollRdNorm);
}

void Pipe::WakeWriters() {
  write_wait_.WakeOne();
  poll_queue_.WakeOne(kPollOut | kPollWrNorm);
}

Pipe::Moved Pipe::Drain(IovIter& to) {
  Moved moved;
  while (!empty() && to.remaining() > 0) {
    Slot& slot = slots_.front();
    const size_t n = size_t(std::min<uint64_t>(slot.length, to.remaining()));
    const std::byte* bytes = phys_.Data(slot.page) + slot.offset;
    if (to.CopyTo(absl::MakeConstSpan(bytes, n)) < n) {
      moved.error = Errno::kEFAULT;  // the slot keeps its bytes
      break;
    }
    moved.bytes += n;
    slot.offset += uint32_t(n);
    slot.length -= uint32_t(n);
    const bool packet = slot.packet;
    if (packet || slot.length == 0) {
      DropFront();  // the rest of a packet is lost
    }
    if (packet) {
      break;
    }
  }
  return moved;
}

ErrnoOr<uint64_t> Pipe::Read(IovIter& to, WhenEmpty when_empty) {
  if (to.remaining() == 0) {
    return 0;
  }
  for (;;) {
    {
      mm::LockGuard guard(mutex_);
      const bool was_full = full();
      const Moved moved = Drain(to);
      if (was_full && !full()) {
        WakeWriters();
      }
      if (moved.bytes > 0) {
        if (!empty()) {
          read_wait_.WakeOne();  // another reader was woken for nothing else
        }
        return moved.bytes;
      }
      if (moved.error != Errno::kOk) {
        return moved.error;
      }
      if (writers_ == 0) {
        return 0;
      }
      if (when_empty == WhenEmpty::kFail) {
        return Errno::kEAGAIN;
      }
    }
    if (!WaitUntil(read_wait_, [&] { return !empty() || writers_ == 0; })) {
      return Errno::kERESTARTSYS;
    }
  }
}

// Puts the odd end of a write into the last slot's page if all of it fits.
// True if there is nothing more to do.
bool Pipe::Join(IovIter& from, Moved& moved) {
  const uint64_t page = phys_.page_shift().bytes();
  const uint64_t n = from.remaining() % page;
  if (n == 0 || empty() || slots_.back().packet) {
    return false;
  }
  Slot& slot = slots_.back();
  if (slot.offset + slot.length + n > page) {
    return false;
  }
  std::byte* to = phys_.Data(slot.page) + slot.offset + slot.length;
  if (from.CopyFrom(absl::MakeSpan(to, size_t(n))) < n) {
    moved.error = Errno::kEFAULT;
    return true;
  }
  slot.length += uint32_t(n);
  moved.bytes += n;
  return from.remaining() == 0;
}

Pipe::Moved Pipe::Fill(IovIter& from, PacketMode packets, bool may_join) {
  Moved moved;
  if (may_join && packets == PacketMode::kOff && Join(from, moved)) {
    return moved;
  }
  const uint64_t page = phys_.page_shift().bytes();
  while (from.remaining() > 0 && !full()) {
    const ErrnoOr<mm::Pfn> frame = phys_.Allocate(mm::AllocPurpose::kKernel);
    if (!frame.ok()) {
      moved.error = Errno::kENOMEM;
      break;
    }
    const size_t n = size_t(std::min(page, from.remaining()));
    if (from.CopyFrom(absl::MakeSpan(phys_.Data(*frame), n)) < n) {
      phys_.Put(*frame);  // part of a page is not a write
      moved.error = Errno::kEFAULT;
      break;
    }
    slots_.push_back({*frame, 0, uint32_t(n), packets == PacketMode::kOn});
    moved.bytes += n;
  }
  return moved;
}

Pipe::Written Pipe::Write(IovIter& from, WhenFull when_full,
                          PacketMode packets) {
  if (from.remaining() == 0) {
    return {0};
  }
  uint64_t done = 0;
  const auto answer = [&done](Errno e) {
    return done > 0 ? ErrnoOr<uint64_t>(done) : ErrnoOr<uint64_t>(e);
  };
  for (bool first = true;; first = false) {
    {
      mm::LockGuard guard(mutex_);
      if (readers_ == 0) {
        return {answer(Errno::kEPIPE), /*broken=*/true};
      }
      const Moved moved = Fill(from, packets, /*may_join=*/first);
      done += moved.bytes;
      if (moved.bytes > 0) {
        WakeReaders();
      }
      if (moved.error != Errno::kOk) {
        return {answer(moved.error)};
      }
      if (from.remaining() == 0) {
        if (!full()) {
          write_wait_.WakeOne();
        }
        return {done};
      }
      if (when_full == WhenFull::kFail) {
        return {answer(Errno::kEAGAIN)};
      }
    }
    if (!WaitUntil(write_wait_, [&] { return !full() || readers_ == 0; })) {
      return {answer(Errno::kERESTARTSYS)};
    }
  }
}

uint64_t Pipe::Peek(absl::Span<std::byte> to) {
  mm::LockGuard guard(mutex_);
  uint64_t done = 0;
  for (const Slot& slot : slots_) {
    const size_t n = std::min<size_t>(slot.length, to.size() - done);
    std::memcpy(to.data() + done, phys_.Data(slot.page) + slot.offset, n);
    done += n;
  }
  return done;
}

void Pipe::AddEnd(bool reads, bool writes) {
  readers_ += reads ? 1 : 0;
  writers_ += writes ? 1 : 0;
  reader_count_ += reads ? 1 : 0;
  writer_count_ += writes ? 1 : 0;
  open_queue_.WakeAll();
}

void Pipe::RemoveEnd(bool reads, bool writes) {
  readers_ -= reads ? 1 : 0;
  writers_ -= writes ? 1 : 0;
  FL_CHECK(readers_ >= 0 && writers_ >= 0);
  if ((readers_ == 0) != (writers_ == 0)) {
    read_wait_.WakeAll();
    write_wait_.WakeAll();
    poll_queue_.WakeAll(kPollIn | kPollOut | kPollRdNorm | kPollWrNorm |
                        kPollErr | kPollHup);
  }
  if (readers_ == 0 && writers_ == 0) {
    while (!slots_.empty()) {  // a fifo's bytes do not outlive its ends
      DropFront();
    }
  }
}

PollEvents Pipe::Poll(bool reads, bool writes, uint64_t writers_at_open) const {
  PollEvents events = 0;
  if (reads) {
    if (!empty()) {
      events |= kPollIn | kPollRdNorm;
    }
    // A fifo that no writer has opened yet has not been hung up.
    if (writers_ == 0 && writer_count_ != writers_at_open) {
      events |= kPollHup;
    }
  }
  if (writes) {
    if (!full()) {
      events |= kPollOut | kPollWrNorm;
    }
    if (readers_ == 0) {
      events |= kPollErr;
    }
  }
  return events;
}

uint64_t Pipe::bytes() const {
  uint64_t n = 0;
  for (const Slot& slot : slots_) {
    n += slot.length;
  }
  return n;
}

uint64_t Pipe::capacity() const {
  return max_slots_ << phys_.page_shift().value();
}

ErrnoOr<uint64_t> Pipe::SetCapacity(uint64_t bytes, bool privileged) {
  if (bytes > 1ull << 31) {
    return Errno::kEINVAL;
  }
  const int shift = phys_.page_shift().value();
  const uint64_t rounded =
      std::bit_ceil(std::max(bytes, phys_.page_shift().bytes()));
  if (rounded > kPipeMaxSize && rounded > capacity() && !privileged) {
    return Errno::kEPERM;
  }
  mm::LockGuard guard(mutex_);
  const size_t slots = size_t(rounded >> shift);
  if (slots < slots_.size()) {
    return Errno::kEBUSY;
  }
  const bool grows = slots > max_slots_;
  max_slots_ = slots;
  if (grows) {
    write_wait_.WakeAll();
    poll_queue_.WakeAll(kPollOut | kPollWrNorm);
  }
  return capacity();
}

}  // namespace faultline::os
