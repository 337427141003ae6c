#ifndef FAULTLINE_PLUGIN_GDB_CONNECTION_H_
#define FAULTLINE_PLUGIN_GDB_CONNECTION_H_

// The line to gdb: one debugger, over TCP on this host only or a Unix socket.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "plugin/gdb/packet.h"

namespace faultline::gdb {

class Connection {
 public:
  // Waits for gdb at "PORT" or "unix:PATH", having said so on standard error.
  // InvalidArgument: it is neither; Unavailable: the host refuses.
  static absl::StatusOr<std::unique_ptr<Connection>> Accept(
      const std::string& where);
  // Of a connected stream socket, which it owns.
  explicit Connection(int fd) : fd_(fd) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  // For all processes that have it.
  void Close();

  // The next packet, acknowledged if `acknowledges`. Nothing: gdb has gone.
  std::optional<std::string> Receive(const bool& acknowledges);
  void Send(std::string_view payload, bool acknowledges);
  // While the machine runs: has gdb asked it to stop, or gone?
  bool Interrupted();

 private:
  // Reads what there is. False: gdb has gone.
  bool Fill();
  void Write(std::string_view bytes);

  int fd_;
  PacketReader reader_;
  std::string last_;  // sent, until it is acknowledged
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_CONNECTION_H_
