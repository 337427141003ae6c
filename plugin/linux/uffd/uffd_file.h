#ifndef FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_FILE_H_

// UffdFile: a userfaultfd's open file. Linux: fs/userfaultfd.c, its
// file_operations. The context lives as long as the file; faults of its memory
// are then again what they were without it.

#include <cstdint>
#include <memory>
#include <string>

#include "guest_mm/uffd/uffd_context.h"
#include "plugin/linux/fs/file.h"
#include "plugin/linux/uffd/uffd_abi.h"

namespace faultline::os {

class UffdFile final : public File {
 public:
  // `flags`: O_NONBLOCK and O_CLOEXEC, as it was asked for; the descriptors of
  // children that fork's events bring get them too.
  UffdFile(std::shared_ptr<mm::UffdContext> ctx, uint32_t flags);
  // May wait: mmap_lock of the memory is taken.
  ~UffdFile() override;

  mm::UffdContext& context() { return *ctx_; }
  // It never got a descriptor: the context stays as it is.
  void Abandon() { ctx_ = nullptr; }

  // Whole messages, as many as there are and fit. kEINVAL: less than one fits,
  // or no handshake. kEAGAIN, kERESTARTSYS, kEFAULT; of a fork's event, what
  // giving it a descriptor fails with: it is then read again.
  ErrnoOr<uint64_t> ReadIter(Task& task, IovIter& to) override;
  ErrnoOr<uint64_t> ReadIterAt(Task& task, uint64_t offset,
                               IovIter& to) override;
  ErrnoOr<uint64_t> Seek(int64_t, int) override { return uint64_t{0}; }
  ErrnoOr<uint64_t> Ioctl(Task& task, uint32_t request, uint64_t arg) override;
  // An error if read(2) would block, as a hint that polling makes no sense.
  PollEvents Poll() override;
  mm::WaitQueue* poll_queue() override { return &ctx_->fd_wait(); }
  std::string LinkName() const override { return "anon_inode:[userfaultfd]"; }
  std::string FdInfo() const override;

 private:
  enum class MayBlock : bool { kNo, kYes };
  ErrnoOr<UffdMsg> Next(Task& task, MayBlock may_block);
  ErrnoOr<UffdMsg> Encode(Task& task, mm::UffdMessage message);

  std::shared_ptr<mm::UffdContext> ctx_;
  const uint32_t asked_flags_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_FILE_H_
