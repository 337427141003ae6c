#ifndef FAULTLINE_PLUGIN_LINUX_STRACE_SIGNATURE_H_
#define FAULTLINE_PLUGIN_LINUX_STRACE_SIGNATURE_H_

// How to print a system call: one letter for each argument and one for the
// result.
//
//   d int           u unsigned       x hexadecimal     p address
//   s path string   f descriptor     F directory descriptor (AT_FDCWD)
//   O open flags    m file mode      P PROT_*          M MAP_*
//   S signal        w buffer written by the caller, its length is the next
//   r buffer filled by the call, as many bytes as the result says
//   C clone flags   A madvise advice t struct timespec V argv
//   H how of rt_sigprocmask          k signal set      c clock
//   e futex operation

#include <string_view>

namespace faultline::os {

struct CallSignature {
  std::string_view name;
  std::string_view args;
  char result = 'd';
};

// Null for a call without one: its arguments are printed in hexadecimal.
const CallSignature* FindSignature(std::string_view name);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_STRACE_SIGNATURE_H_
