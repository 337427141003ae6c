#include "plugin/linux/ipc/scm.h"

#include <algorithm>
#include <vector>

#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr int kSolSocket = 1;
constexpr int kScmRights = 1;
constexpr int kScmCredentials = 2;
constexpr size_t kScmMaxFds = 253;
// optmem_max: more control data than this is refused.
constexpr uint64_t kMaxControl = 131072;

// struct cmsghdr; its data follows, padded to 8 bytes.
struct CmsgHdr {
  uint64_t length;  // itself included
  int32_t level;
  int32_t type;
};
uint64_t Align(uint64_t n) { return (n + 7) & ~uint64_t{7}; }

ErrnoOr<Done> ReadRights(Task& task, uint64_t at, uint64_t bytes,
                         UnixSocket::Ancillary& with) {
  const uint64_t count = bytes / 4;
  if (with.files.size() + count > kScmMaxFds) {
    return Errno::kEINVAL;
  }
  for (uint64_t i = 0; i < count; ++i) {
    FL_ASSIGN(const int32_t fd, task.user().Get<int32_t>(at + 4 * i));
    FL_ASSIGN(std::shared_ptr<File> file, task.files().GetAny(fd));
    with.files.push_back(std::move(file));
  }
  return kDone;
}

// scm_check_creds(): one may only claim what one is.
ErrnoOr<Done> ReadCredentials(Task& task, uint64_t at, uint64_t bytes,
                              UnixSocket::Ancillary& with) {
  if (bytes != sizeof(PeerCred)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const PeerCred claimed, task.user().Get<PeerCred>(at));
  const Credentials& cred = task.cred();
  const bool pid_ok =
      claimed.pid == task.process().pid() || cred.HasCap(kCapSysAdmin);
  const bool uid_ok = claimed.uid == cred.uid || claimed.uid == cred.euid ||
                      claimed.uid == cred.suid || cred.HasCap(kCapSetuid);
  const bool gid_ok = claimed.gid == cred.gid || claimed.gid == cred.egid ||
                      claimed.gid == cred.sgid || cred.HasCap(kCapSetgid);
  if (!pid_ok || !uid_ok || !gid_ok) {
    return Errno::kEPERM;
  }
  with.cred = claimed;
  return kDone;
}

// Writes control messages one after the other, cut to the room there is.
class ControlWriter {
 public:
  ControlWriter(Task& task, MsgHdr& header)
      : task_(task), header_(header), room_(header.control_length) {}

  // The room for data in a message written next; 0: none.
  uint64_t DataRoom() const {
    const uint64_t left = room_ - used_;
    return header_.control == 0 || left < sizeof(CmsgHdr)
               ? 0
               : left - sizeof(CmsgHdr);
  }
  uint64_t DataAddress() const {
    return header_.control + used_ + sizeof(CmsgHdr);
  }
  // The data is in place; `bytes` of it.
  void Finish(int type, uint64_t bytes) {
    const CmsgHdr head{sizeof(CmsgHdr) + bytes, kSolSocket, type};
    if (!task_.user().Put(header_.control + used_, head).ok()) {
      return;
    }
    used_ = std::min(room_, used_ + Align(head.length));
  }
  void Truncated() { header_.flags |= kMsgCtrunc; }
  uint64_t used() const { return used_; }

 private:
  Task& task_;
  MsgHdr& header_;
  uint64_t room_;
  uint64_t used_ = 0;
};

void WriteRights(Task& task, const UnixSocket::Ancillary& with,
                 CloseOnExec cloexec, ControlWriter& out) {
  const uint64_t fit = out.DataRoom() / 4;
  const uint64_t address = out.DataAddress();
  uint64_t done = 0;
  for (const std::shared_ptr<File>& file : with.files) {
    if (done == fit) {
      break;
    }
    const ErrnoOr<int> fd = InstallFd(task, file, cloexec);
    if (!fd.ok()) {
      break;
    }
    if (!task.user().Put(address + 4 * done, int32_t(*fd)).ok()) {
      (void)task.files().Close(*fd).ok();
      break;
    }
    ++done;
  }
  if (done > 0) {
    out.Finish(kScmRights, 4 * done);
  }
  if (done < with.files.size()) {
    out.Truncated();
  }
}

}  // namespace

PeerCred CredOf(Task& task) {
  const Credentials& cred = task.cred();
  return {task.process().pid(), cred.euid, cred.egid};
}

ErrnoOr<UnixSocket::Ancillary> ReadControl(Task& task, const MsgHdr& header) {
  UnixSocket::Ancillary with;
  with.cred = {task.process().pid(), task.cred().uid, task.cred().gid};
  if (header.control_length > kMaxControl) {
    return Errno::kENOBUFS;
  }
  uint64_t at = 0;
  while (header.control_length - at >= sizeof(CmsgHdr)) {
    FL_ASSIGN(const CmsgHdr head,
              task.user().Get<CmsgHdr>(header.control + at));
    if (head.length < sizeof(CmsgHdr) ||
        head.length > header.control_length - at) {
      return Errno::kEINVAL;
    }
    const uint64_t data = header.control + at + sizeof(CmsgHdr);
    const uint64_t bytes = head.length - sizeof(CmsgHdr);
    if (head.level == kSolSocket) {
      switch (head.type) {
        case kScmRights:
          FL_TRY(ReadRights(task, data, bytes, with));
          break;
        case kScmCredentials:
          FL_TRY(ReadCredentials(task, data, bytes, with));
          break;
        default:
          return Errno::kEINVAL;
      }
    }
    at += std::min(Align(head.length), header.control_length - at);
  }
  return with;
}

void WriteControl(Task& task, const UnixSocket& socket,
                  const UnixSocket::Ancillary& with, int flags,
                  MsgHdr& header) {
  ControlWriter out(task, header);
  if (socket.pass_cred) {
    if (out.DataRoom() >= sizeof(PeerCred) &&
        task.user().Put(out.DataAddress(), with.cred).ok()) {
      out.Finish(kScmCredentials, sizeof(PeerCred));
    } else {
      out.Truncated();
    }
  }
  if (!with.files.empty()) {
    WriteRights(task, with, CloseOnExecIf((flags & kMsgCmsgCloexec) != 0), out);
  }
  header.control_length = out.used();
}

}  // namespace faultline::os
