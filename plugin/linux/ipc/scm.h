#ifndef FAULTLINE_PLUGIN_LINUX_IPC_SCM_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_SCM_H_

// Control messages: descriptors and credentials that travel with bytes. Linux:
// net/core/scm.c, put_cmsg().

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "plugin/linux/ipc/unix_socket.h"

namespace faultline::os {

class Task;

// struct msghdr, the same on both architectures.
struct MsgHdr {
  uint64_t name;
  uint32_t name_length;
  uint32_t pad1;
  uint64_t iov;
  uint64_t iov_count;
  uint64_t control;
  uint64_t control_length;
  uint32_t flags;
  uint32_t pad2;
};

PeerCred CredOf(Task& task);

// What the sender put at `header.control`. kEINVAL for what is malformed or
// unknown, kEBADF, kEPERM for a false identity, kEFAULT.
ErrnoOr<UnixSocket::Ancillary> ReadControl(Task& task, const MsgHdr& header);

// Writes what was received to `header.control`, opening descriptors, as far as
// there is room: MSG_CTRUNC in header.flags says that there was not.
// header.control_length becomes what was used.
void WriteControl(Task& task, const UnixSocket& socket,
                  const UnixSocket::Ancillary& with, int flags, MsgHdr& header);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_SCM_H_
