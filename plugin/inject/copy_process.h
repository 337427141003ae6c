#ifndef FAULTLINE_PLUGIN_INJECT_COPY_PROCESS_H_
#define FAULTLINE_PLUGIN_INJECT_COPY_PROCESS_H_

// Copies of this process (fork), machine and all: the snapshot that an
// experiment starts from.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/statusor.h"

namespace faultline::inject {

// In a copy: it dies with its parent.
void DieWithParent(pid_t parent);

// This process is ended by SIGPROF when from now on it has used a minute of the
// host's processor time: then Faultline itself hangs. Not inherited by copies.
void StartWatchdog();

// A copy that runs something, and the end of the pipe that it writes to.
struct CopyProcess {
  pid_t pid = -1;
  int from = -1;
};
// It runs `body`, whose argument is the pipe, with nothing on its standard
// error, and exits. Internal: the host has no room for it.
absl::StatusOr<CopyProcess> MakeCopy(
    const std::function<void(int to_parent)>& body);
// Waits for its end: the status as wait(2) has it.
int Finish(const CopyProcess& copy);

// What `ask` answers in a copy; nothing if the copy died.
std::optional<uint64_t> AskCopy(
    const std::function<std::optional<uint64_t>()>& ask);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_COPY_PROCESS_H_
