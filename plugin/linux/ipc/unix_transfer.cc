// Sending and receiving on AF_UNIX sockets. Linux: unix_stream_sendmsg(),
// unix_dgram_sendmsg(), unix_stream_read_generic(), __unix_dgram_recvmsg().

#include <algorithm>
#include <bit>
#include <utility>

#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/ipc/unix_socket.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// An sk_buff on x86-64: what its head and descriptor take beside the bytes,
// and how much a head of one page holds (SKB_MAX_HEAD(0)).
constexpr size_t kSkbShared = 320;
constexpr size_t kSkbSelf = 256;
constexpr size_t kSkbPage = 4096;
constexpr size_t kSkbMaxHead = kSkbPage - kSkbShared;
// SKB_MAX_ALLOC: the largest head of a datagram; MAX_SKB_FRAGS pages follow.
constexpr size_t kSkbMaxAlloc = 4 * kSkbPage - kSkbShared;
constexpr size_t kSkbMaxFrags = 17 * kSkbPage;
// The most a stream puts into one: a head and UNIX_SKB_FRAGS_SZ.
constexpr size_t kStreamChunk = kSkbMaxHead + 32768;

size_t PageUp(size_t n) { return (n + kSkbPage - 1) / kSkbPage * kSkbPage; }

// truesize of the sk_buff that Linux would make for `size` bytes.
size_t ChargeFor(SocketType type, size_t size) {
  size_t paged = 0;
  if (type == SocketType::kStream && size > kSkbMaxHead) {
    paged = std::min(PageUp(size - kSkbMaxHead), size);
  } else if (type != SocketType::kStream && size > kSkbMaxAlloc) {
    paged = PageUp(std::min(size - kSkbMaxAlloc, kSkbMaxFrags));
  }
  const size_t head = size > paged ? size - paged : 0;
  return std::bit_ceil(head + kSkbShared) + kSkbSelf + PageUp(paged);
}

mm::VirtualTime DeadlineIn(uint64_t ns) {
  return ns == 0 ? mm::VirtualTime::Never()
                 : mm::Scheduler::Active()->now() + ns;
}

// A wait cut short by a signal is restarted unless it had a time limit.
Errno Interrupted(mm::VirtualTime deadline) {
  return deadline == mm::VirtualTime::Never() ? Errno::kERESTARTSYS
                                              : Errno::kEINTR;
}

// kOk: woken. kEAGAIN: the time is over. kERESTARTSYS, kEINTR: a signal.
Errno SleepOn(mm::WaitQueue& queue, mm::VirtualTime deadline) {
  switch (
      mm::Scheduler::Active()->Wait(queue, mm::Interruptible::kYes, deadline)) {
    case mm::WaitResult::kWoken:
      break;
    case mm::WaitResult::kTimedOut:
      return Errno::kEAGAIN;
    case mm::WaitResult::kInterrupted:
      return Interrupted(deadline);
  }
  return Errno::kOk;
}

}  // namespace

Errno UnixSocket::CanSend() {
  if (send_shut_) {
    return Errno::kEPIPE;
  }
  const std::shared_ptr<UnixSocket> peer = peer_.lock();
  if (peer == nullptr) {
    return Errno::kENOTCONN;
  }
  return peer->receive_shut_ ? Errno::kEPIPE : Errno::kOk;
}

Errno UnixSocket::WaitForRoom(mm::VirtualTime deadline, bool wait) {
  for (;;) {
    if (const Errno e = CanSend(); e != Errno::kOk) {
      return e;
    }
    if (charged_ < size_t(send_buffer_)) {
      return Errno::kOk;
    }
    if (!wait) {
      return Errno::kEAGAIN;
    }
    if (const Errno e = SleepOn(write_wait_, deadline); e != Errno::kOk) {
      return e;
    }
  }
}

ErrnoOr<Done> UnixSocket::Queue(IovIter& from, size_t size, Ancillary with) {
  const size_t kept =
      sizeof(Message) + with.files.size() * sizeof(with.files[0]);
  FL_ASSIGN(mm::Slab::Charge slab_charge, slab_->Take(kept));
  FL_ASSIGN(GuestBytes bytes, GuestBytes::CopyIn(phys_, from, size));
  // The copy may have taken its time.
  if (const Errno e = CanSend(); e != Errno::kOk) {
    return e;
  }
  const std::shared_ptr<UnixSocket> peer = peer_.lock();
  const size_t charge = ChargeFor(type_, size);
  charged_ += charge;
  peer->queue_.push_back(
      {std::move(bytes), 0, std::move(with), charge, std::move(slab_charge),
       std::static_pointer_cast<UnixSocket>(shared_from_this())});
  // Each of a stream's readers may take a part of it.
  peer->read_wait_.Wake(type_ == SocketType::kStream ? ~size_t{0} : 1);
  peer->poll_queue_.WakeOne(kPollIn | kPollRdNorm);
  return kDone;
}

ErrnoOr<uint64_t> UnixSocket::SendStream(IovIter& from, Ancillary& with,
                                         mm::VirtualTime deadline, bool wait) {
  uint64_t sent = 0;
  if (const Errno e = CanSend(); e != Errno::kOk) {
    return Errno::kEPIPE;
  }
  while (from.remaining() > 0) {
    Errno e = WaitForRoom(deadline, wait);
    if (e == Errno::kOk) {
      const size_t size =
          std::min<size_t>({size_t(from.remaining()), kStreamChunk,
                            size_t(send_buffer_) / 2 - 64});
      // Descriptors go with the first bytes.
      e = Queue(from, size, std::exchange(with, Ancillary{{}, with.cred}))
              .error();
      sent += e == Errno::kOk ? size : 0;
    }
    if (e != Errno::kOk) {
      return sent > 0                ? ErrnoOr<uint64_t>(sent)
             : e == Errno::kENOTCONN ? Errno::kEPIPE
                                     : e;
    }
  }
  return sent;
}

ErrnoOr<uint64_t> UnixSocket::SendMessage(IovIter& from, Ancillary& with,
                                          mm::VirtualTime deadline, bool wait) {
  const size_t size = size_t(from.remaining());
  if (size + 32 > size_t(send_buffer_)) {
    return Errno::kEMSGSIZE;
  }
  if (const Errno e = WaitForRoom(deadline, wait); e != Errno::kOk) {
    if (e == Errno::kENOTCONN && type_ == SocketType::kDgram && !refused_) {
      refused_ = true;  // said once
      return Errno::kECONNREFUSED;
    }
    return e;
  }
  FL_TRY(Queue(from, size, std::move(with)));
  return size;
}

ErrnoOr<uint64_t> UnixSocket::Send(Task& task, IovIter& from, Ancillary with,
                                   int flags) {
  if ((flags & kMsgOob) != 0 && type_ != SocketType::kStream) {
    return Errno::kEOPNOTSUPP;
  }
  const bool wait = !nonblocking() && (flags & kMsgDontWait) == 0;
  const mm::VirtualTime deadline = DeadlineIn(send_timeout_ns);
  if (type_ != SocketType::kStream) {
    return SendMessage(from, with, deadline, wait);
  }
  const ErrnoOr<uint64_t> sent = SendStream(from, with, deadline, wait);
  if (!sent.ok() && sent.error() == Errno::kEPIPE &&
      (flags & kMsgNoSignal) == 0) {
    SendSigPipe(task);
  }
  return sent;
}

void UnixSocket::Consumed(Message message) {
  const std::shared_ptr<UnixSocket> sender = message.sender.lock();
  if (sender == nullptr) {
    return;
  }
  sender->charged_ -= message.charge;
  if (sender->charged_ < size_t(sender->send_buffer_)) {
    sender->write_wait_.WakeAll();
  }
  if (sender->charged_ * 4 <= size_t(sender->send_buffer_)) {
    sender->poll_queue_.WakeOne(kPollOut | kPollWrNorm | 0x200);
  }
}

Errno UnixSocket::WaitForMessage(mm::VirtualTime deadline, bool wait) {
  for (;;) {
    // A stream gives what it has before its error.
    const bool error_first = type_ != SocketType::kStream;
    if (error_ != Errno::kOk && (error_first || queue_.empty())) {
      return std::exchange(error_, Errno::kOk);
    }
    if (!queue_.empty()) {
      return Errno::kOk;
    }
    if (receive_shut_ && (stays_connected() || wait)) {
      return Errno::kEPIPE;  // the end
    }
    if (!wait) {
      return Errno::kEAGAIN;
    }
    if (const Errno e = SleepOn(read_wait_, deadline); e != Errno::kOk) {
      return e;
    }
  }
}

ErrnoOr<uint64_t> UnixSocket::ReceiveStream(IovIter& to, Ancillary* with,
                                            int flags, mm::VirtualTime deadline,
                                            bool wait) {
  const bool peek = (flags & kMsgPeek) != 0;
  uint64_t done = 0;
  size_t peeked = 0;  // messages already looked at
  bool got_files = false;
  while (to.remaining() > 0 && !got_files) {
    if (peeked >= queue_.size() || queue_.empty()) {
      // Enough, unless all of it is wanted.
      if (done > 0 && ((flags & kMsgWaitAll) == 0 || !wait || peek)) {
        break;
      }
      const Errno e = WaitForMessage(deadline, wait);
      if (e != Errno::kOk) {
        const bool end = e == Errno::kEPIPE;
        return done > 0 || end ? ErrnoOr<uint64_t>(done) : e;
      }
      continue;
    }
    mm::LockGuard guard(read_lock_);
    if (peeked >= queue_.size()) {
      continue;  // another reader was faster
    }
    Message& message = queue_[peeked];
    if (!message.with.files.empty() && done > 0 && message.taken == 0) {
      break;  // descriptors come with the bytes they were sent with
    }
    const size_t n = size_t(std::min<uint64_t>(
        message.bytes.size() - message.taken, to.remaining()));
    if (with != nullptr && done == 0) {
      with->cred = message.with.cred;
    }
    const size_t copied = message.bytes.CopyOut(message.taken, n, to);
    if (copied < n) {
      return done > 0 ? ErrnoOr<uint64_t>(done) : Errno::kEFAULT;
    }
    done += n;
    if (!message.with.files.empty()) {
      got_files = true;
      if (with != nullptr) {
        with->files = message.with.files;
      }
      if (!peek) {
        message.with.files.clear();
      }
    }
    if (peek) {
      ++peeked;
      continue;
    }
    message.taken += n;
    if (message.taken == message.bytes.size()) {
      Message gone = std::move(message);
      queue_.pop_front();
      Consumed(std::move(gone));
    }
  }
  return done;
}

ErrnoOr<uint64_t> UnixSocket::ReceiveMessage(IovIter& to, Ancillary* with,
                                             int flags, int* flags_out,
                                             mm::VirtualTime deadline,
                                             bool wait) {
  for (;;) {
    // Without the lock: another reader may not want to wait, or be killed.
    if (const Errno e = WaitForMessage(deadline, wait); e != Errno::kOk) {
      return e == Errno::kEPIPE ? ErrnoOr<uint64_t>(0) : e;
    }
    mm::LockGuard guard(read_lock_);
    if (!queue_.empty()) {
      return TakeMessage(to, with, flags, flags_out);
    }
    // Another reader was faster.
  }
}

ErrnoOr<uint64_t> UnixSocket::TakeMessage(IovIter& to, Ancillary* with,
                                          int flags, int* flags_out) {
  Message& message = queue_.front();
  const size_t size = message.bytes.size();
  const size_t n = size_t(std::min<uint64_t>(size, to.remaining()));
  if (with != nullptr) {
    *with = message.with;
  }
  const size_t copied = message.bytes.CopyOut(0, n, to);
  if ((flags & kMsgPeek) == 0) {
    Message gone = std::move(queue_.front());  // also if the copy failed
    queue_.pop_front();
    Consumed(std::move(gone));
  }
  if (copied < n) {
    return Errno::kEFAULT;
  }
  if (n < size) {
    *flags_out |= kMsgTrunc;
  }
  return (flags & kMsgTrunc) != 0 ? size : n;
}

ErrnoOr<uint64_t> UnixSocket::Receive(Task&, IovIter& to, Ancillary* with,
                                      int flags, int* flags_out) {
  if ((flags & kMsgOob) != 0) {
    return type_ == SocketType::kStream ? Errno::kEINVAL : Errno::kEOPNOTSUPP;
  }
  const bool wait = !nonblocking() && (flags & kMsgDontWait) == 0;
  const mm::VirtualTime deadline = DeadlineIn(receive_timeout_ns);
  if (type_ == SocketType::kStream) {
    return ReceiveStream(to, with, flags, deadline, wait);
  }
  return ReceiveMessage(to, with, flags, flags_out, deadline, wait);
}

}  // namespace faultline::os
