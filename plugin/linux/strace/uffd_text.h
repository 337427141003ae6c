#ifndef FAULTLINE_PLUGIN_LINUX_STRACE_UFFD_TEXT_H_
#define FAULTLINE_PLUGIN_LINUX_STRACE_UFFD_TEXT_H_

// The ioctls of userfaultfd with their structures, for strace:
//   UFFDIO_COPY, {dst=0x7f00, src=0x8000, len=4096, mode=0, copy=4096}

#include <cstdint>
#include <optional>
#include <string>

namespace faultline::os {

class Task;

// The request and what the program wrote into the structure, which stays open;
// nothing: it is no request of userfaultfd's.
std::optional<std::string> UffdRequestText(Task& task, uint32_t request,
                                           uint64_t arg);
// What the call has written there since, and the end of the structure.
std::string UffdAnswerText(Task& task, uint32_t request, uint64_t arg);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_STRACE_UFFD_TEXT_H_
