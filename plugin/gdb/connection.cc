#include "plugin/gdb/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::gdb {
namespace {

constexpr std::string_view kUnix = "unix:";

absl::Status Trouble(const std::string& where, const char* what) {
  return absl::UnavailableError(
      absl::StrCat("--gdb ", where, ": ", what, ": ", std::strerror(errno)));
}

absl::StatusOr<int> ListenAt(const std::string& where) {
  int fd = -1, bound = -1;
  if (where.starts_with(kUnix)) {
    const std::string path = where.substr(kUnix.size());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
      return absl::InvalidArgumentError(
          absl::StrCat("--gdb ", where, ": no such path can be"));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bound =
        bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } else {
    unsigned port = 0;
    if (!absl::SimpleAtoi(where, &port) || port > 0xffff) {
      return absl::InvalidArgumentError(
          absl::StrCat("--gdb ", where, ": must be a port or unix:PATH"));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(uint16_t(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bound =
        bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  if (fd < 0 || bound < 0 || listen(fd, 1) < 0) {
    const absl::Status why = Trouble(where, "cannot listen");
    if (fd >= 0) {
      close(fd);
    }
    return why;
  }
  return fd;
}

// Of a port 0 that the host has chosen, the number; else as given.
std::string NameOf(int fd, const std::string& where) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (!where.starts_with(kUnix) &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    return absl::StrCat(":", ntohs(address.sin_port));
  }
  return where.substr(kUnix.size());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Accept(
    const std::string& where) {
  const absl::StatusOr<int> listener = ListenAt(where);
  if (!listener.ok()) {
    return listener.status();
  }
  absl::FPrintF(stderr, "faultline: waiting for gdb: target remote %s\n",
                NameOf(*listener, where));
  int fd;
  do {
    fd = accept4(*listener, nullptr, nullptr, SOCK_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  const absl::Status why = Trouble(where, "accept");
  close(*listener);
  if (where.starts_with(kUnix)) {
    unlink(where.c_str() + kUnix.size());
  }
  if (fd < 0) {
    return why;
  }
  const int yes = 1;  // refused by a Unix socket, which needs it not
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return std::make_unique<Connection>(fd);
}

Connection::~Connection() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

void Connection::Close() {
  if (fd_ >= 0) {
    (void)shutdown(fd_, SHUT_RDWR);
    close(fd_);
    fd_ = -1;
  }
}

bool Connection::Fill() {
  char bytes[4096];
  ssize_t n;
  do {
    n = read(fd_, bytes, sizeof bytes);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) {
    Close();
    return false;
  }
  reader_.Feed({bytes, size_t(n)});
  return true;
}

void Connection::Write(std::string_view bytes) {
  while (fd_ >= 0 && !bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      Close();
      return;
    }
    bytes.remove_prefix(size_t(n));
  }
}

std::optional<std::string> Connection::Receive(const bool& acknowledges) {
  while (fd_ >= 0) {
    while (auto event = reader_.Next()) {
      switch (event->kind) {
        case PacketReader::Kind::kPacket:
          if (acknowledges) {
            Write("+");
          }
          last_.clear();
          return std::move(event->payload);
        case PacketReader::Kind::kBad:
          if (acknowledges) {
            Write("-");
          }
          break;
        case PacketReader::Kind::kNack:
          Write(last_);
          break;
        default:
          break;
      }
    }
    Fill();
  }
  return std::nullopt;
}

void Connection::Send(std::string_view payload, bool acknowledges) {
  const std::string framed = Frame(payload);
  Write(framed);
  last_ = acknowledges ? framed : "";
}

bool Connection::Interrupted() {
  pollfd p{fd_, POLLIN, 0};
  if (fd_ < 0 || poll(&p, 1, 0) <= 0) {
    return false;
  }
  if (!Fill()) {
    return true;
  }
  while (auto event = reader_.Next()) {
    if (event->kind == PacketReader::Kind::kInterrupt) {
      return true;
    }
  }
  return false;
}

}  // namespace faultline::gdb
