#include "plugin/linux/ipc/unix_socket.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/fs/closing_files.h"
#include "plugin/linux/ipc/ioctl_numbers.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// net.core.wmem_default and the least SO_SNDBUF (SOCK_MIN_SNDBUF).
constexpr int kDefaultBuffer = 212992;
constexpr int kMinSendBuffer = 4608;
constexpr uint32_t kSockFsMinor = 8;
constexpr PollEvents kWritable = kPollOut | kPollWrNorm | 0x200;  // WRBAND
constexpr PollEvents kReadable = kPollIn | kPollRdNorm;

}  // namespace

UnixSocket::UnixSocket(mm::PhysMem& phys, std::shared_ptr<mm::Slab> slab,
                       std::shared_ptr<ClosingFiles> closing, SocketType type,
                       uint64_t ino, uint32_t flags)
    : File(kO_RDWR | flags),
      phys_(phys),
      slab_(std::move(slab)),
      closing_(std::move(closing)),
      type_(type),
      ino_(ino),
      send_buffer_(kDefaultBuffer),
      receive_buffer_(kDefaultBuffer) {}

UnixSocket::Pair UnixSocket::MakePair(mm::PhysMem& phys,
                                      std::shared_ptr<mm::Slab> slab,
                                      std::shared_ptr<ClosingFiles> closing,
                                      SocketType type, uint64_t first_ino,
                                      uint32_t flags, const PeerCred& maker) {
  std::shared_ptr<UnixSocket> a(
      new UnixSocket(phys, slab, closing, type, first_ino, flags));
  std::shared_ptr<UnixSocket> b(new UnixSocket(
      phys, std::move(slab), std::move(closing), type, first_ino + 1, flags));
  a->peer_ = b;
  b->peer_ = a;
  a->peer_cred_ = b->peer_cred_ = maker;
  return {std::move(a), std::move(b)};
}

UnixSocket::~UnixSocket() {
  const std::shared_ptr<UnixSocket> peer = peer_.lock();
  if (peer != nullptr && stays_connected()) {
    peer->receive_shut_ = peer->send_shut_ = true;
    if (!queue_.empty()) {
      peer->error_ = Errno::kECONNRESET;  // what it sent is lost
    }
    peer->WakeAll(kReadable | kWritable | kPollHup | kPollErr | kPollRdHup);
  }
  DropMessages();
  if (peer != nullptr && !stays_connected()) {
    peer->WakeAll(kWritable);
  }
}

void UnixSocket::DropMessages() {
  while (!queue_.empty()) {
    Message message = std::move(queue_.front());
    queue_.pop_front();
    closing_->Add(std::move(message.with.files));
    Consumed(std::move(message));
  }
}

void UnixSocket::Disconnect() {
  const std::shared_ptr<UnixSocket> peer = peer_.lock();
  peer_.reset();
  refused_ = true;  // it left by itself, nobody refuses it
  if (queue_.empty()) {
    return;
  }
  DropMessages();
  write_wait_.WakeAll();
  if (peer != nullptr && peer->peer_.lock().get() == this) {
    peer->error_ = Errno::kECONNRESET;
    peer->WakeAll(kReadable | kPollErr);
  }
}

void UnixSocket::WakeAll(PollEvents key) {
  read_wait_.WakeAll();
  write_wait_.WakeAll();
  poll_queue_.WakeAll(key);
}

void UnixSocket::Shutdown(How how) {
  const bool read = how != How::kWrite;
  const bool write = how != How::kRead;
  receive_shut_ |= read;
  send_shut_ |= write;
  const std::shared_ptr<UnixSocket> peer = peer_.lock();
  if (peer != nullptr && stays_connected()) {
    peer->receive_shut_ |= write;
    peer->send_shut_ |= read;
    peer->WakeAll(kReadable | kWritable | kPollHup | kPollRdHup);
  }
  WakeAll(kReadable | kWritable | kPollHup | kPollRdHup);
}

int UnixSocket::TakeError() { return int(std::exchange(error_, Errno::kOk)); }

void UnixSocket::set_send_buffer(int bytes) {
  send_buffer_ = std::max(bytes, kMinSendBuffer);
  write_wait_.WakeAll();
}

PollEvents UnixSocket::Poll() {
  PollEvents events = 0;
  if (error_ != Errno::kOk) {
    events |= kPollErr;
  }
  if (receive_shut_) {
    events |= kReadable | kPollRdHup;
    if (send_shut_) {
      events |= kPollHup;
    }
  }
  if (!queue_.empty()) {
    events |= kReadable;
  }
  // A quarter of the buffer decides, so that a writer woken can write much.
  if (charged_ * 4 <= size_t(send_buffer_)) {
    events |= kWritable;
  }
  return events;
}

ErrnoOr<uint64_t> UnixSocket::Read(Task& task, absl::Span<std::byte> to) {
  IovIter iter = IovIter::Kernel(to);
  return ReadIter(task, iter);
}

ErrnoOr<uint64_t> UnixSocket::Write(Task& task,
                                    absl::Span<const std::byte> from) {
  IovIter iter = IovIter::Kernel(from);
  return WriteIter(task, iter);
}

ErrnoOr<uint64_t> UnixSocket::ReadIter(Task& task, IovIter& to) {
  if (to.remaining() == 0 && type_ == SocketType::kStream) {
    return 0;
  }
  int flags_out = 0;
  return Receive(task, to, nullptr, 0, &flags_out);
}

ErrnoOr<uint64_t> UnixSocket::WriteIter(Task& task, IovIter& from) {
  return Send(task, from, {}, 0);
}

ErrnoOr<uint64_t> UnixSocket::Ioctl(Task& task, uint32_t request,
                                    uint64_t arg) {
  uint64_t answer = 0;
  if (request == kSiocOutq) {
    answer = charged_;
  } else if (request == kFionread) {
    for (const Message& message : queue_) {
      answer += message.bytes.size() - message.taken;
      if (type_ == SocketType::kDgram) {
        break;  // the next datagram's
      }
    }
  } else {
    return Errno::kENOTTY;
  }
  FL_TRY(task.user().Put(arg, int32_t(answer)));
  return 0;
}

KStat UnixSocket::Stat() {
  KStat stat;
  stat.dev = {0, kSockFsMinor};
  stat.ino = ino_;
  stat.mode = kS_IFSOCK | 0777;
  return stat;
}

std::string UnixSocket::LinkName() const {
  return absl::StrCat("socket:[", ino_, "]");
}

}  // namespace faultline::os
