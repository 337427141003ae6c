#ifndef FAULTLINE_PLUGIN_LINUX_IPC_UNIX_SOCKET_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_UNIX_SOCKET_H_

// UnixSocket: one end of a connected AF_UNIX pair. Linux: net/unix/af_unix.c.
//
// Bytes travel as messages in the receiver's queue and are charged to the
// sender until they are read. A stream's reader sees through the borders
// between messages, except where descriptors were sent; the other types keep
// them. The charge is reckoned as Linux reckons an sk_buff, so that a sender
// blocks after the same number of writes.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/sync/lock.h"
#include "guest_mm/sync/virtual_time.h"
#include "guest_mm/sync/wait_queue.h"
#include "plugin/linux/fs/file.h"
#include "plugin/linux/ipc/guest_bytes.h"

namespace faultline::os {

class ClosingFiles;

// Held by a reader over the copy to user memory. Linux: unix_sock.iolock.
inline constexpr mm::LockClass kUnixReadLock{
    "unix.iolock", {"unix.iolock.locked"}, {"unix.iolock.unlocked"}, 5};

enum class SocketType : int { kStream = 1, kDgram = 2, kSeqPacket = 5 };

// send(2) and recv(2) flags.
inline constexpr int kMsgOob = 0x1;
inline constexpr int kMsgPeek = 0x2;
inline constexpr int kMsgCtrunc = 0x8;
inline constexpr int kMsgTrunc = 0x20;
inline constexpr int kMsgDontWait = 0x40;
inline constexpr int kMsgEor = 0x80;
inline constexpr int kMsgWaitAll = 0x100;
inline constexpr int kMsgNoSignal = 0x4000;
inline constexpr int kMsgCmsgCloexec = 0x40000000;

// Who sent. Linux: struct ucred.
struct PeerCred {
  int32_t pid = 0;
  uint32_t uid = ~0u;
  uint32_t gid = ~0u;
};

class UnixSocket final : public File {
 public:
  struct Pair {
    std::shared_ptr<UnixSocket> first, second;
  };
  // `flags`: O_NONBLOCK. `phys` outlives both; bytes are kept in it, and `slab`
  // pays for the rest of a message.
  static Pair MakePair(mm::PhysMem& phys, std::shared_ptr<mm::Slab> slab,
                       std::shared_ptr<ClosingFiles> closing, SocketType type,
                       uint64_t first_ino, uint32_t flags,
                       const PeerCred& maker);
  ~UnixSocket() override;

  SocketType type() const { return type_; }

  // What travels with a message beside its bytes.
  struct Ancillary {
    std::vector<std::shared_ptr<File>> files;
    PeerCred cred;
  };
  // Bytes sent. kEPIPE (and SIGPIPE for streams, unless MSG_NOSIGNAL),
  // kECONNREFUSED and kENOTCONN (datagrams whose reader is gone), kEMSGSIZE,
  // kEAGAIN, kERESTARTSYS, kENOMEM, kEFAULT.
  ErrnoOr<uint64_t> Send(Task& task, IovIter& from, Ancillary with, int flags);
  // Bytes received, 0 at the end. `with` and `flags_out` (MSG_TRUNC) describe
  // the message. kEAGAIN, kERESTARTSYS, kECONNRESET, kEFAULT.
  ErrnoOr<uint64_t> Receive(Task& task, IovIter& to, Ancillary* with, int flags,
                            int* flags_out);
  enum class How : int { kRead = 0, kWrite = 1, kBoth = 2 };
  void Shutdown(How how);
  // connect(2) to AF_UNSPEC, of datagrams: leaves the peer, which hears of it
  // (kECONNRESET) if messages are lost. Linux: unix_dgram_disconnected().
  void Disconnect();

  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> Write(Task& task,
                          absl::Span<const std::byte> from) override;
  ErrnoOr<uint64_t> ReadIter(Task& task, IovIter& to) override;
  ErrnoOr<uint64_t> WriteIter(Task& task, IovIter& from) override;
  PollEvents Poll() override;
  mm::WaitQueue* poll_queue() override { return &poll_queue_; }
  ErrnoOr<uint64_t> Ioctl(Task& task, uint32_t request, uint64_t arg) override;
  KStat Stat() override;
  std::string LinkName() const override;

  // --- options ---
  int send_buffer() const { return send_buffer_; }
  int receive_buffer() const { return receive_buffer_; }
  void set_send_buffer(int bytes);
  void set_receive_buffer(int bytes) { receive_buffer_ = bytes; }
  int TakeError();  // SO_ERROR
  bool connected() const { return !peer_.expired() || stays_connected(); }
  const PeerCred& peer_cred() const { return peer_cred_; }
  bool pass_cred = false;                                // SO_PASSCRED
  uint64_t receive_timeout_ns = 0, send_timeout_ns = 0;  // 0: none

 private:
  struct Message {
    GuestBytes bytes;
    size_t taken = 0;  // by earlier reads of a stream
    Ancillary with;
    size_t charge = 0;  // of the sender's buffer
    mm::Slab::Charge slab_charge;
    std::weak_ptr<UnixSocket> sender;
  };

  UnixSocket(mm::PhysMem& phys, std::shared_ptr<mm::Slab> slab,
             std::shared_ptr<ClosingFiles> closing, SocketType type,
             uint64_t ino, uint32_t flags);

  // A stream or seqpacket whose peer is gone is shut down, not disconnected.
  bool stays_connected() const { return type_ != SocketType::kDgram; }
  // Can a message be sent at all? kOk, or why not.
  Errno CanSend();
  ErrnoOr<uint64_t> SendStream(IovIter& from, Ancillary& with,
                               mm::VirtualTime deadline, bool wait);
  ErrnoOr<uint64_t> SendMessage(IovIter& from, Ancillary& with,
                                mm::VirtualTime deadline, bool wait);
  // Until there is room for one more message: kOk, or why there will not be.
  Errno WaitForRoom(mm::VirtualTime deadline, bool wait);
  ErrnoOr<Done> Queue(IovIter& from, size_t size, Ancillary with);
  // Until there is a message. kOk; kEAGAIN; the end (kEPIPE stands for it).
  Errno WaitForMessage(mm::VirtualTime deadline, bool wait);
  ErrnoOr<uint64_t> ReceiveStream(IovIter& to, Ancillary* with, int flags,
                                  mm::VirtualTime deadline, bool wait);
  ErrnoOr<uint64_t> ReceiveMessage(IovIter& to, Ancillary* with, int flags,
                                   int* flags_out, mm::VirtualTime deadline,
                                   bool wait);
  // Copies the first message out and, unless peeking, takes it off the queue.
  ErrnoOr<uint64_t> TakeMessage(IovIter& to, Ancillary* with, int flags,
                                int* flags_out)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(read_lock_);
  void Consumed(Message message);
  // Closes what travels with them and gives the charge back to the sender.
  void DropMessages();
  void WakeAll(PollEvents key);

  mm::PhysMem& phys_;
  std::shared_ptr<mm::Slab> slab_;
  std::shared_ptr<ClosingFiles> closing_;
  const SocketType type_;
  const uint64_t ino_;
  std::weak_ptr<UnixSocket> peer_;
  PeerCred peer_cred_;
  std::deque<Message> queue_;  // to be received here
  size_t charged_ = 0;         // sent from here and not yet read there
  int send_buffer_;
  int receive_buffer_;
  bool receive_shut_ = false;
  bool send_shut_ = false;
  Errno error_ = Errno::kOk;  // reported once
  bool refused_ = false;      // datagrams: a send has found the peer gone
  mm::Lock read_lock_{kUnixReadLock};
  mm::WaitQueue read_wait_{"unix_stream_data_wait"};
  mm::WaitQueue write_wait_{"sock_alloc_send_pskb"};
  mm::WaitQueue poll_queue_{"poll"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_UNIX_SOCKET_H_
