#ifndef FAULTLINE_PLUGIN_LINUX_PTRACE_MTE_TAGS_H_
#define FAULTLINE_PLUGIN_LINUX_PTRACE_MTE_TAGS_H_

#include "plugin/linux/ptrace/ptrace_arch.h"

namespace faultline::os {

inline constexpr int64_t kPeekMteTags = 33;
inline constexpr int64_t kPokeMteTags = 34;

// PTRACE_PEEKMTETAGS, PTRACE_POKEMTETAGS: tags of the traced thread's memory
// from call.addr on, a byte each, from or to the buffer that the struct iovec
// at call.data tells, whose length becomes how many there were. arm64
// mte_ptrace_copy_tags(). Of the first tag: kEIO, its page cannot be reached or
// has none; kEFAULT, the buffer cannot; also kEFAULT: the struct iovec cannot,
// or asks for none. kEPERM: the memory is gone.
SyscallResult PtraceCopyTags(const PtraceCall& call);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_PTRACE_MTE_TAGS_H_
