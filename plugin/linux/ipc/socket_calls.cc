// socketpair(2) and the calls on what it makes. Linux: net/socket.c.
//
// There is no network and there are no socket addresses: every socket of this
// machine is one of a connected pair.

#include <algorithm>

#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/ipc/install_pair.h"
#include "plugin/linux/ipc/scm.h"
#include "plugin/linux/ipc/socket_of.h"
#include "plugin/linux/ipc/unix_socket.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr int kTypeMask = 0xf;

ErrnoOr<SocketType> TypeOf(int type) {
  switch (type) {
    case 1:
      return SocketType::kStream;
    case 2:
    case 3:  // SOCK_RAW means SOCK_DGRAM here, since 4.4BSD's libraries
      return SocketType::kDgram;
    case 5:
      return SocketType::kSeqPacket;
    default:
      return Errno::kESOCKTNOSUPPORT;
  }
}

// sockaddr_un of an unnamed socket: the family alone. As move_addr_to_user().
ErrnoOr<Done> PutUnnamed(Task& task, uint64_t address, uint64_t length_at) {
  FL_ASSIGN(const int32_t room, task.user().Get<int32_t>(length_at));
  if (room < 0) {
    return Errno::kEINVAL;
  }
  const uint16_t family = kAfUnix;
  const auto bytes = absl::MakeConstSpan(
      reinterpret_cast<const std::byte*>(&family), sizeof family);
  const size_t fit = std::min(sizeof family, size_t(room));
  if (task.user().CopyTo(address, bytes.first(fit)) != 0) {
    return Errno::kEFAULT;
  }
  return task.user().Put(length_at, int32_t{sizeof family});
}

ErrnoOr<uint64_t> ReceiveMsg(Task& task, UnixSocket& socket, uint64_t address,
                             int flags) {
  FL_ASSIGN(MsgHdr header, task.user().Get<MsgHdr>(address));
  FL_ASSIGN(IovIter to,
            IovIter::FromUserIovec(task.user(), header.iov, header.iov_count));
  UnixSocket::Ancillary with;
  int flags_out = 0;
  FL_ASSIGN(const uint64_t n,
            socket.Receive(task, to, &with, flags, &flags_out));
  header.flags = uint32_t(flags_out) | (uint32_t(flags) & kMsgCmsgCloexec);
  header.name_length = 0;
  WriteControl(task, socket, with, flags, header);
  FL_TRY(task.user().Put(address + offsetof(MsgHdr, name_length),
                         header.name_length));
  FL_TRY(task.user().Put(address + offsetof(MsgHdr, flags), header.flags));
  FL_TRY(task.user().Put(address + offsetof(MsgHdr, control_length),
                         header.control_length));
  return n;
}

ErrnoOr<uint64_t> SendMsg(Task& task, UnixSocket& socket, uint64_t address,
                          int flags) {
  FL_ASSIGN(const MsgHdr header, task.user().Get<MsgHdr>(address));
  FL_ASSIGN(IovIter from,
            IovIter::FromUserIovec(task.user(), header.iov, header.iov_count));
  if (header.name_length != 0 && header.name != 0) {
    return socket.type() == SocketType::kDgram ? Errno::kECONNREFUSED
                                               : Errno::kEISCONN;
  }
  FL_ASSIGN(UnixSocket::Ancillary with, ReadControl(task, header));
  return socket.Send(task, from, std::move(with), flags);
}

}  // namespace

ErrnoOr<std::shared_ptr<UnixSocket>> SocketOf(Task& task, int fd) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(fd));
  auto socket = std::dynamic_pointer_cast<UnixSocket>(file);
  if (socket == nullptr) {
    return Errno::kENOTSOCK;
  }
  return socket;
}

SyscallResult SysSocket(Task&, const SyscallArgs&) {
  return Errno::kEAFNOSUPPORT;
}

SyscallResult SysSocketpair(Task& task, const SyscallArgs& args) {
  const uint32_t flags = args.Uint(1) & ~uint32_t{kTypeMask};
  if ((flags & ~(kO_CLOEXEC | kO_NONBLOCK)) != 0) {
    return Errno::kEINVAL;
  }
  if (args.Int(0) != kAfUnix) {
    return Errno::kEAFNOSUPPORT;
  }
  if (args.Int(2) != 0 && args.Int(2) != kAfUnix) {
    return Errno::kEPROTONOSUPPORT;
  }
  FL_ASSIGN(const SocketType type, TypeOf(args.Int(1) & kTypeMask));
  Vfs& vfs = task.kernel().vfs();
  const uint64_t ino = vfs.NextAnonIno();
  (void)vfs.NextAnonIno();  // the second one's
  UnixSocket::Pair pair =
      UnixSocket::MakePair(vfs.phys(), vfs.slab(), vfs.closing_files(), type,
                           ino, flags & kO_NONBLOCK, CredOf(task));
  FL_TRY(InstallPair(task, std::move(pair.first), std::move(pair.second),
                     CloseOnExecIf((flags & kO_CLOEXEC) != 0), args.Ptr(3)));
  return 0;
}

SyscallResult SysSendto(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  if (args.Ptr(4) != 0 && args.Int(5) != 0) {
    return socket->type() == SocketType::kDgram ? Errno::kECONNREFUSED
                                                : Errno::kEISCONN;
  }
  IovIter from = IovIter::User(task.user(), args.Ptr(1), args.U64(2));
  UnixSocket::Ancillary with;
  with.cred = CredOf(task);
  return socket->Send(task, from, std::move(with), args.Int(3));
}

SyscallResult SysRecvfrom(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  IovIter to = IovIter::User(task.user(), args.Ptr(1), args.U64(2));
  int flags_out = 0;
  FL_ASSIGN(const uint64_t n,
            socket->Receive(task, to, nullptr, args.Int(3), &flags_out));
  if (args.Ptr(4) != 0 && args.Ptr(5) != 0) {
    FL_TRY(task.user().Put(args.Ptr(5), int32_t{0}));  // it has no name
  }
  return n;
}

SyscallResult SysSendmsg(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  return SendMsg(task, *socket, args.Ptr(1), args.Int(2));
}

SyscallResult SysRecvmsg(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  return ReceiveMsg(task, *socket, args.Ptr(1), args.Int(2));
}

SyscallResult SysShutdown(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  if (args.Int(1) < 0 || args.Int(1) > 2) {
    return Errno::kEINVAL;
  }
  socket->Shutdown(UnixSocket::How(args.Int(1)));
  return 0;
}

SyscallResult SysGetsockname(Task& task, const SyscallArgs& args) {
  FL_TRY(SocketOf(task, args.Int(0)));
  FL_TRY(PutUnnamed(task, args.Ptr(1), args.Ptr(2)));
  return 0;
}

SyscallResult SysGetpeername(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  if (!socket->connected()) {
    return Errno::kENOTCONN;
  }
  FL_TRY(PutUnnamed(task, args.Ptr(1), args.Ptr(2)));
  return 0;
}

}  // namespace faultline::os
