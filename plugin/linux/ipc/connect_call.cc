// connect(2). Nothing listens in this machine, so a socket of a pair learns
// that nobody is there, or leaves its peer. Linux: net/unix/af_unix.c,
// unix_stream_connect(), unix_dgram_connect().

#include <string>
#include <vector>

#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/ipc/socket_of.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr size_t kFamilySize = 2;
constexpr size_t kSockaddrUnSize = 110;
constexpr int kSockaddrStorageSize = 128;
constexpr uint16_t kAfUnspec = 0;

ErrnoOr<std::string> GetAddress(Task& task, uint64_t address, int length) {
  if (length < 0 || length > kSockaddrStorageSize) {
    return Errno::kEINVAL;
  }
  std::string bytes(size_t(length), '\0');
  if (task.user().CopyFrom(
          absl::MakeSpan(reinterpret_cast<std::byte*>(bytes.data()),
                         bytes.size()),
          address) != 0) {
    return Errno::kEFAULT;
  }
  return bytes;
}

uint16_t FamilyOf(const std::string& address) {
  return uint16_t(uint8_t(address[0]) | uint8_t(address[1]) << 8);
}

// Why nobody answers at `address`.
Errno WhyNobody(Task& task, const std::string& address) {
  if (address.size() <= kFamilySize || address.size() > kSockaddrUnSize ||
      FamilyOf(address) != kAfUnix) {
    return Errno::kEINVAL;
  }
  const std::string path(address.c_str() + kFamilySize);
  if (path.empty()) {
    return Errno::kECONNREFUSED;  // an abstract name
  }
  const auto start = StartOf(task, kAtFdCwd, path);
  if (!start.ok()) {
    return start.error();
  }
  const auto found = LookupPath(CallerOf(task), *start, path);
  if (!found.ok()) {
    return found.error();
  }
  const auto may = PathPermission(CallerOf(task), *found, kMayWrite);
  return may.ok() ? Errno::kECONNREFUSED : may.error();
}

}  // namespace

SyscallResult SysConnect(Task& task, const SyscallArgs& args) {
  FL_TRY(task.files().Get(args.Int(0)));
  FL_ASSIGN(const std::string address,
            GetAddress(task, args.Ptr(1), args.Int(2)));
  FL_ASSIGN(const auto socket, SocketOf(task, args.Int(0)));
  if (socket->type() == SocketType::kDgram) {
    if (address.size() < kFamilySize) {
      return Errno::kEINVAL;
    }
    if (FamilyOf(address) == kAfUnspec) {
      socket->Disconnect();
      return 0;
    }
  }
  return WhyNobody(task, address);
}

}  // namespace faultline::os
