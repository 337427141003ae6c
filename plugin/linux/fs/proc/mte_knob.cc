#include "plugin/linux/fs/proc/mte_knob.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "plugin/linux/abi_arm64_mte.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

struct Name {
  const char* text;
  uint64_t mode;
};
constexpr Name kNames[] = {
    {"async", kMteTcfAsync}, {"sync", kMteTcfSync}, {"asymm", kMteTcfAsymm}};

// Linux lets each thread know when it is switched to; here all do at once.
void Prefer(Kernel& kernel, uint64_t mode) {
  kernel.mte_tcf_preferred = mode;
  for (const auto& [pid, process] : kernel.processes().processes()) {
    for (Task* thread : process->threads) {
      SetTaggedAddrCtrl(*thread, thread->tagged_addr_ctrl);
    }
  }
}

}  // namespace

Knob MteTcfPreferredKnob(Kernel& kernel) {
  return {[&kernel] {
            for (const Name& name : kNames) {
              if (name.mode == kernel.mte_tcf_preferred) {
                return absl::StrCat(name.text, "\n");
              }
            }
            return std::string();
          },
          [&kernel](absl::string_view text) -> ErrnoOr<Done> {
            for (const Name& name : kNames) {
              if (absl::StripTrailingAsciiWhitespace(text) == name.text) {
                Prefer(kernel, name.mode);
                return kDone;
              }
            }
            return Errno::kEINVAL;
          }};
}

}  // namespace faultline::os
