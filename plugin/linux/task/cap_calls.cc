// capget(2), capset(2). Linux: kernel/capability.c.

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/calls.h"
#include "plugin/linux/task/exec.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint32_t kVersion1 = 0x19980330;
constexpr uint32_t kVersion2 = 0x20071026;
constexpr uint32_t kVersion3 = 0x20080522;

struct CapHeader {
  uint32_t version;
  int32_t pid;
};
struct CapData {
  uint32_t effective, permitted, inheritable;
};

// How many CapData the version has; for an unknown one the header gets the
// version we speak, and the call fails.
ErrnoOr<int> Words(Task& task, uint64_t user, const CapHeader& header) {
  switch (header.version) {
    case kVersion1:
      return 1;
    case kVersion2:
    case kVersion3:
      return 2;
    default:
      FL_TRY(task.user().Put(user, kVersion3));
      return Errno::kEINVAL;
  }
}

}  // namespace

SyscallResult SysCapget(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto header, task.user().Get<CapHeader>(args.Ptr(0)));
  const ErrnoOr<int> words = Words(task, args.Ptr(0), header);
  if (!words.ok()) {
    // Asking for the version with a null data pointer is no error.
    return args.Ptr(1) == 0 && words.error() == Errno::kEINVAL
               ? SyscallResult(0)
               : words.error();
  }
  if (header.pid < 0) {
    return Errno::kEINVAL;
  }
  auto other = header.pid == 0 ? nullptr
                               : task.kernel().processes().FindTask(header.pid);
  if (header.pid != 0 && other == nullptr) {
    return Errno::kESRCH;
  }
  const Credentials& c = other != nullptr ? other->cred() : task.cred();
  for (int i = 0; i < *words; ++i) {
    const CapData data{uint32_t(c.cap_effective >> (32 * i)),
                       uint32_t(c.cap_permitted >> (32 * i)),
                       uint32_t(c.cap_inheritable >> (32 * i))};
    FL_TRY(task.user().Put(args.Ptr(1) + uint64_t(i) * sizeof data, data));
  }
  return 0;
}

SyscallResult SysCapset(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto header, task.user().Get<CapHeader>(args.Ptr(0)));
  FL_ASSIGN(const int words, Words(task, args.Ptr(0), header));
  if (header.pid != 0 && header.pid != task.tid()) {
    return Errno::kEPERM;
  }
  uint64_t effective = 0, permitted = 0, inheritable = 0;
  for (int i = 0; i < words; ++i) {
    FL_ASSIGN(
        const auto data,
        task.user().Get<CapData>(args.Ptr(1) + uint64_t(i) * sizeof(CapData)));
    effective |= uint64_t{data.effective} << (32 * i);
    permitted |= uint64_t{data.permitted} << (32 * i);
    inheritable |= uint64_t{data.inheritable} << (32 * i);
  }
  Credentials& c = task.cred();
  constexpr int kCapSetpcap = 8;
  if ((permitted & ~c.cap_permitted) != 0 || (effective & ~permitted) != 0 ||
      (!c.HasCap(kCapSetpcap) &&
       (inheritable & ~(c.cap_inheritable | c.cap_permitted)) != 0)) {
    return Errno::kEPERM;
  }
  c.cap_effective = effective;
  c.cap_permitted = permitted;
  c.cap_inheritable = inheritable;
  task.mm().limits = MmLimitsOf(task.process(), c);
  return 0;
}

}  // namespace faultline::os
