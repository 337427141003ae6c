#include "plugin/linux/uffd/uffd_file.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/uffd/uffd_ioctl.h"

namespace faultline::os {
namespace {

uint64_t TidOf(const mm::Actor& actor) {
  const auto* const task = static_cast<const Task*>(actor.owner());
  return task == nullptr ? 0 : uint64_t(task->tid());
}

}  // namespace

UffdFile::UffdFile(std::shared_ptr<mm::UffdContext> ctx, uint32_t flags)
    : File(kO_RDONLY | (flags & kO_NONBLOCK)),
      ctx_(std::move(ctx)),
      asked_flags_(flags & (kO_NONBLOCK | kO_CLOEXEC)) {}

UffdFile::~UffdFile() {
  if (ctx_ != nullptr) {
    ctx_->Release();
  }
}

ErrnoOr<uint64_t> UffdFile::ReadIter(Task& task, IovIter& to) {
  if (!ctx_->initialized()) {
    return Errno::kEINVAL;
  }
  uint64_t done = 0;
  Errno error = Errno::kOk;
  MayBlock may_block = nonblocking() ? MayBlock::kNo : MayBlock::kYes;
  while (error == Errno::kOk) {
    if (to.remaining() < sizeof(UffdMsg)) {
      error = Errno::kEINVAL;
      break;
    }
    const ErrnoOr<UffdMsg> message = Next(task, may_block);
    if (!message.ok()) {
      error = message.error();
      break;
    }
    const auto bytes = absl::MakeConstSpan(
        reinterpret_cast<const std::byte*>(&*message), sizeof(UffdMsg));
    if (to.CopyTo(bytes) != bytes.size()) {
      error = Errno::kEFAULT;
      break;
    }
    done += bytes.size();
    may_block = MayBlock::kNo;  // more are taken only if they are there
  }
  return done != 0 ? ErrnoOr<uint64_t>(done) : error;
}

ErrnoOr<uint64_t> UffdFile::ReadIterAt(Task&, uint64_t, IovIter&) {
  return Errno::kESPIPE;
}

ErrnoOr<UffdMsg> UffdFile::Next(Task& task, MayBlock may_block) {
  for (;;) {
    if (auto message = ctx_->Take()) {
      return Encode(task, *std::move(message));
    }
    if (task.SignalPending()) {
      return Errno::kERESTARTSYS;
    }
    if (may_block == MayBlock::kNo) {
      return Errno::kEAGAIN;
    }
    (void)mm::Scheduler::Active()->Wait(ctx_->fd_wait(),
                                        mm::Interruptible::kYes);
  }
}

// A fork's event brings a descriptor (resolve_userfault_fork()).
ErrnoOr<UffdMsg> UffdFile::Encode(Task& task, mm::UffdMessage message) {
  UffdMsg out;
  out.event = uint8_t(message.kind);
  switch (message.kind) {
    case mm::UffdEventKind::kPagefault:
      out.arg[0] = message.flags;
      out.arg[1] = message.start.value();
      out.arg[2] = ctx_->Has(mm::kUffdThreadId) ? TidOf(*message.who) : 0;
      return out;
    case mm::UffdEventKind::kRemap:
      out.arg[0] = message.start.value();
      out.arg[1] = message.end.value();
      out.arg[2] = message.length;
      return out;
    case mm::UffdEventKind::kRemove:
    case mm::UffdEventKind::kUnmap:
      out.arg[0] = message.start.value();
      out.arg[1] = message.end.value();
      return out;
    case mm::UffdEventKind::kFork:
      break;
  }
  const auto file =
      std::make_shared<UffdFile>(std::move(message.child), asked_flags_);
  const ErrnoOr<int> fd =
      InstallFd(task, file, CloseOnExecIf((asked_flags_ & kO_CLOEXEC) != 0));
  using Delivered = mm::UffdContext::Delivered;
  ctx_->FinishFork(message.id, fd.ok() ? Delivered::kYes : Delivered::kNo);
  if (!fd.ok()) {
    file->Abandon();
    return fd.error();
  }
  out.arg[0] = uint32_t(*fd);
  return out;
}

ErrnoOr<uint64_t> UffdFile::Ioctl(Task& task, uint32_t request, uint64_t arg) {
  return UffdIoctl(task, *ctx_, request, arg);
}

PollEvents UffdFile::Poll() {
  if (!ctx_->initialized() || !nonblocking()) {
    return kPollErr;
  }
  return ctx_->HasMessage() ? kPollIn : 0;
}

std::string UffdFile::FdInfo() const {
  return absl::StrFormat("pending:\t%d\ntotal:\t%d\nAPI:\t%x:%x:%x\n",
                         ctx_->pending_faults(), ctx_->waiting_faults(),
                         kUffdApiVersion, ctx_->features(),
                         mm::kUffdApiIoctls | mm::kUffdRangeIoctls);
}

}  // namespace faultline::os
