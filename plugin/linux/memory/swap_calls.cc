// swapon, swapoff, /proc/swaps. Linux: mm/swapfile.c.

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/calls/swapoff.h"
#include "guest_mm/mm/limits.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/memory/calls.h"
#include "plugin/linux/memory/swap_device.h"

namespace faultline::os {
namespace {

// The first area that is given no priority (least_priority).
constexpr int kPriority = -2;

// The file that the first argument names, which is opened for writing.
ErrnoOr<std::shared_ptr<Inode>> NamedFile(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const Path path, LookupAt(task, kAtFdCwd, args.Ptr(0), 0));
  if (path.inode()->is_dir()) {
    return Errno::kEISDIR;
  }
  return path.inode();
}

// Ours is the one area there is.
bool IsSwapArea(Task& task, const Inode& inode) {
  return inode.type() == kS_IFBLK && inode.rdev() == kSwapDevice &&
         task.kernel().memory().swap().exists();
}

bool IsOn(const mm::SwapArea& swap) { return swap.total() != mm::PageCount(); }

std::vector<std::shared_ptr<mm::AddressSpace>> AllSpaces(Kernel& kernel) {
  std::vector<std::shared_ptr<mm::AddressSpace>> spaces;
  for (const auto& [tid, task] : kernel.processes().tasks()) {
    const std::shared_ptr<mm::AddressSpace>& mm = task->shared.mm;
    if (mm != nullptr &&
        std::find(spaces.begin(), spaces.end(), mm) == spaces.end()) {
      spaces.push_back(mm);
    }
  }
  return spaces;
}

}  // namespace

SyscallResult SysSwapon(Task& task, const SyscallArgs& args) {
  constexpr unsigned kValidFlags = 0x7ffff;  // SWAP_FLAGS_VALID
  if ((args.Uint(1) & ~kValidFlags) != 0) {
    return Errno::kEINVAL;
  }
  if (!task.cred().HasCap(kCapSysAdmin)) {
    return Errno::kEPERM;
  }
  FL_ASSIGN(const std::shared_ptr<Inode> inode, NamedFile(task, args));
  if (IsSwapArea(task, *inode)) {
    mm::SwapArea& swap = task.kernel().memory().swap();
    if (IsOn(swap) || swap.used() != mm::PageCount()) {
      return Errno::kEBUSY;
    }
    swap.set_on(true);
    return uint64_t{0};
  }
  // Linux: of files only those whose file system can read blocks.
  return inode->type() == kS_IFBLK ? Errno::kENXIO : Errno::kEINVAL;
}

SyscallResult SysSwapoff(Task& task, const SyscallArgs& args) {
  if (!task.cred().HasCap(kCapSysAdmin)) {
    return Errno::kEPERM;
  }
  FL_ASSIGN(const std::shared_ptr<Inode> inode, NamedFile(task, args));
  mm::SwapArea& swap = task.kernel().memory().swap();
  if (!IsSwapArea(task, *inode) || !IsOn(swap)) {
    return Errno::kEINVAL;
  }
  // What is promised must be had without it.
  if (!mm::EnoughMemory(task.mm(), int64_t(swap.total().value()))) {
    return Errno::kENOMEM;
  }
  Kernel& kernel = task.kernel();
  FL_TRY(mm::SwapOff(kernel.memory(), [&kernel] { return AllSpaces(kernel); }));
  return uint64_t{0};
}

std::string RenderSwaps(Kernel& kernel) {
  std::string out = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
  const mm::SwapArea& swap = kernel.memory().swap();
  if (!IsOn(swap)) {
    return out;
  }
  const auto kb = [&](mm::PageCount n) {
    return n.in_bytes(kernel.memory().page_shift()) >> 10;
  };
  const auto tabs = [](uint64_t n) { return n < 10'000'000 ? "\t\t" : "\t"; };
  const uint64_t size = kb(swap.total());
  const uint64_t used = kb(swap.total() - swap.free());
  absl::StrAppendFormat(&out, "%-40spartition\t%d%s%d%s%d\n", kSwapPath, size,
                        tabs(size), used, tabs(used), kPriority);
  return out;
}

}  // namespace faultline::os
