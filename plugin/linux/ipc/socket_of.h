#ifndef FAULTLINE_PLUGIN_LINUX_IPC_SOCKET_OF_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_SOCKET_OF_H_

#include <memory>

#include "plugin/linux/ipc/unix_socket.h"

namespace faultline::os {

class Task;

inline constexpr int kAfUnix = 1;

// The socket behind a descriptor: kEBADF, kENOTSOCK.
ErrnoOr<std::shared_ptr<UnixSocket>> SocketOf(Task& task, int fd);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_SOCKET_OF_H_
