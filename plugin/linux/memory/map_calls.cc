// mmap and what changes mappings.

#include "guest_mm/calls/calls.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/memory/calls.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using mm::GuestAddr;

constexpr uint64_t kMap32Bit = 0x40;  // x86 only
constexpr GuestAddr kMap32BitStart(0x40000000);
constexpr GuestAddr kMap32BitEnd(0x80000000);

// path_noexec(). Files without a name live on file systems of the kernel's own.
bool IsNoexec(Task& task, const File& file) {
  if (file.path() == nullptr) {
    return task.mm().system().behaviours().pseudo_noexec() ==
           mm::PseudoNoexec::kYes;
  }
  return file.inode() != nullptr && file.inode()->fs().noexec();
}

// The descriptor's part of a request. kEBADF.
ErrnoOr<Done> AddFile(Task& task, int fd, mm::MmapRequest& r) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(fd));
  r.file_readable = file->readable();
  r.file_writable = file->writable();
  r.file = file->Mappable();
  r.no_mmap = r.file == nullptr;
  r.file_noexec = IsNoexec(task, *file);
  return kDone;
}

}  // namespace

SyscallResult SysMmap(Task& task, const SyscallArgs& args) {
  const auto shift = task.mm().page_shift();
  const uint64_t offset = args.U64(5);
  if ((offset & shift.mask()) != 0) {
    return Errno::kEINVAL;
  }
  mm::MmapRequest r;
  r.hint = GuestAddr(args.U64(0));
  r.length = args.U64(1);
  r.prot = args.U64(2);
  r.flags = args.U64(3);
  r.pgoff = offset >> shift.value();
  if ((r.flags & mm::kMapAnonymous) == 0) {
    FL_TRY(AddFile(task, args.Int(4), r));
  }
  if (task.abi().arch() == engine::Arch::kX86 && (r.flags & kMap32Bit) != 0) {
    r.flags &= ~kMap32Bit;
    if ((r.flags & mm::kMapFixed) == 0) {
      r.window = {kMap32BitStart, kMap32BitEnd};
    }
  }
  FL_ASSIGN(const GuestAddr at, mm::Mmap(task.mm(), r));
  return at.value();
}

SyscallResult SysMunmap(Task& task, const SyscallArgs& args) {
  FL_TRY(mm::Munmap(task.mm(),
                    task.mm().system().arch().Untag(GuestAddr(args.U64(0))),
                    args.U64(1)));
  return 0;
}

SyscallResult SysMprotect(Task& task, const SyscallArgs& args) {
  FL_TRY(mm::Mprotect(task.mm(),
                      task.mm().system().arch().Untag(GuestAddr(args.U64(0))),
                      args.U64(1), args.U64(2)));
  return 0;
}

SyscallResult SysMseal(Task& task, const SyscallArgs& args) {
  FL_TRY(mm::Mseal(task.mm(),
                   task.mm().system().arch().Untag(GuestAddr(args.U64(0))),
                   args.U64(1), args.U64(2)));
  return 0;
}

SyscallResult SysPkeyMprotect(Task& task, const SyscallArgs& args) {
  // Without protection keys only "no key" (-1) is accepted.
  if (args.Int(3) != -1) {
    return Errno::kEINVAL;
  }
  return SysMprotect(task, args);
}

SyscallResult SysPkeyAlloc(Task&, const SyscallArgs& args) {
  if (args.U64(0) != 0 || (args.U64(1) & ~uint64_t{3}) != 0) {
    return Errno::kEINVAL;
  }
  return Errno::kENOSPC;
}

SyscallResult SysPkeyFree(Task&, const SyscallArgs&) { return Errno::kEINVAL; }

SyscallResult SysMremap(Task& task, const SyscallArgs& args) {
  const mm::ArchOps& arch = task.mm().system().arch();
  FL_ASSIGN(
      const GuestAddr at,
      mm::Mremap(task.mm(), arch.Untag(GuestAddr(args.U64(0))), args.U64(1),
                 args.U64(2), args.U64(3), GuestAddr(args.U64(4))));
  return at.value();
}

SyscallResult SysBrk(Task& task, const SyscallArgs& args) {
  return mm::Brk(task.mm(), GuestAddr(args.U64(0))).value();
}

SyscallResult SysRemapFilePages(Task& task, const SyscallArgs& args) {
  FL_TRY(mm::RemapFilePages(task.mm(), GuestAddr(args.U64(0)), args.U64(1),
                            args.U64(2), args.U64(3), args.U64(4)));
  return 0;
}

}  // namespace faultline::os
