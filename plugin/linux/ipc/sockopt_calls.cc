// getsockopt(2), setsockopt(2). Linux: net/core/sock.c.

#include <algorithm>
#include <cstring>

#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/ipc/socket_of.h"
#include "plugin/linux/ipc/unix_socket.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr int kSolSocket = 1;
enum Option : int {
  kType = 3,
  kError = 4,
  kSndBuf = 7,
  kRcvBuf = 8,
  kPassCred = 16,
  kPeerCred = 17,
  kRcvTimeo = 20,
  kSndTimeo = 21,
  kAcceptConn = 30,
  kSndBufForce = 32,
  kRcvBufForce = 33,
  kProtocol = 38,
  kDomain = 39,
};
// net.core.wmem_max; what is asked for is doubled, for the overhead.
constexpr int kMaxBuffer = 212992;

// Writes as much of `value` as the caller has room for, and how much.
template <typename T>
SyscallResult Answer(Task& task, const SyscallArgs& args, const T& value) {
  FL_ASSIGN(const int32_t room, task.user().Get<int32_t>(args.Ptr(4)));
  if (room < 0) {
    return Errno::kEINVAL;
  }
  const size_t n = std::min(size_t(room), sizeof value);
  const auto bytes = absl::MakeConstSpan(
      reinterpret_cast<const std::byte*>(&value), sizeof value);
  if (task.user().CopyTo(args.Ptr(3), bytes.first(n)) != 0) {
    return Errno::kEFAULT;
  }
  FL_TRY(task.user().Put(args.Ptr(4), int32_t(n)));
  return 0;
}

Timeval Encode(uint64_t ns) {
  return {int64_t(ns / kNsPerSec), int64_t(ns % kNsPerSec / 1000)};
}

ErrnoOr<uint64_t> GetTimeout(Task& task, const SyscallArgs& args) {
  if (args.Uint(4) < sizeof(Timeval)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Timeval t, task.user().Get<Timeval>(args.Ptr(3)));
  if (t.usec < 0 || t.usec >= 1'000'000) {
    return Errno::kEDOM;
  }
  return t.sec < 0 ? 0 : ToNs(t);
}

}  // namespace

SyscallResult SysGetsockopt(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  if (args.Int(1) != kSolSocket) {
    return Errno::kEOPNOTSUPP;
  }
  switch (args.Int(2)) {
    case kType:
      return Answer(task, args, int32_t(socket->type()));
    case kError:
      return Answer(task, args, int32_t(socket->TakeError()));
    case kSndBuf:
      return Answer(task, args, int32_t(socket->send_buffer()));
    case kRcvBuf:
      return Answer(task, args, int32_t(socket->receive_buffer()));
    case kPassCred:
      return Answer(task, args, int32_t(socket->pass_cred));
    case kPeerCred:
      return Answer(task, args, socket->peer_cred());
    case kRcvTimeo:
      return Answer(task, args, Encode(socket->receive_timeout_ns));
    case kSndTimeo:
      return Answer(task, args, Encode(socket->send_timeout_ns));
    case kAcceptConn:
    case kProtocol:
      return Answer(task, args, int32_t{0});
    case kDomain:
      return Answer(task, args, int32_t{1});
    default:
      return Errno::kENOPROTOOPT;
  }
}

SyscallResult SysSetsockopt(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  if (args.Int(1) != kSolSocket) {
    return Errno::kEOPNOTSUPP;
  }
  if (args.Uint(4) < sizeof(int32_t)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const int32_t value, task.user().Get<int32_t>(args.Ptr(3)));
  switch (args.Int(2)) {
    case kSndBuf:
    case kSndBufForce:
      socket->set_send_buffer(2 * std::clamp(value, 0, kMaxBuffer));
      return 0;
    case kRcvBuf:
    case kRcvBufForce:
      // SOCK_MIN_RCVBUF.
      socket->set_receive_buffer(
          std::max(2 * std::clamp(value, 0, kMaxBuffer), 2304));
      return 0;
    case kPassCred:
      socket->pass_cred = value != 0;
      return 0;
    case kRcvTimeo: {
      FL_ASSIGN(socket->receive_timeout_ns, GetTimeout(task, args));
      return 0;
    }
    case kSndTimeo: {
      FL_ASSIGN(socket->send_timeout_ns, GetTimeout(task, args));
      return 0;
    }
    default:
      return Errno::kENOPROTOOPT;
  }
}

}  // namespace faultline::os
