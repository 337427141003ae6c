#include <vector>

#include "plugin/linux/ptrace/ptrace_arch.h"
#include "plugin/linux/ptrace/ptrace_arm64.h"
#include "plugin/linux/ptrace/ptrace_x86.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

const PtraceArch& PtraceArch::Of(engine::Arch arch) {
  static const PtraceX86 kX86;
  static const PtraceArm64 kArm64;
  return arch == engine::Arch::kX86 ? static_cast<const PtraceArch&>(kX86)
                                    : kArm64;
}

int64_t CallNumberOf(const Task& task) {
  return int32_t(uint32_t(task.run.call_number));
}

ErrnoOr<Done> GetRegset(const PtraceCall& call, const Regset& set,
                        uint64_t user, uint64_t bytes) {
  std::vector<std::byte> all(set.bytes);
  FL_TRY(set.get(call.task, absl::MakeSpan(all)));
  return call.tracer.user().CopyTo(user,
                                   absl::MakeConstSpan(all).first(bytes)) == 0
             ? ErrnoOr<Done>(kDone)
             : Errno::kEFAULT;
}

ErrnoOr<Done> SetRegset(const PtraceCall& call, const Regset& set,
                        uint64_t user, uint64_t bytes) {
  std::vector<std::byte> given(bytes);
  if (call.tracer.user().CopyFrom(absl::MakeSpan(given), user) != 0) {
    return Errno::kEFAULT;
  }
  return set.set(call.task, given);
}

}  // namespace faultline::os
