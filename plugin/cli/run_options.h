#ifndef FAULTLINE_PLUGIN_CLI_RUN_OPTIONS_H_
#define FAULTLINE_PLUGIN_CLI_RUN_OPTIONS_H_

// RunOptions: what the command line of `faultline run` says, and what it means
// to the machine. Everything here answers InvalidArgument for an option that
// makes no sense and another Status for one that the host cannot satisfy.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugin/cli/trace_flags.h"
#include "plugin/linux/kernel.h"

namespace faultline::cli {

struct RunOptions {
  uint64_t seed = 0;
  std::string memory = "512M";
  std::string swap{};  // empty: none
  std::string disk{};  // empty: none
  bool la57 = false;
  std::string granule = "4K";
  bool strace = false;
  bool validate = false;
  TraceFlags trace{};
  std::string gdb{};  // where to wait for it; empty: not
  bool stats = false;
  bool uffd_stats = false;
  std::string schedule = "rr";  // or "replay:@FILE", see ReadSchedule()
  std::string kernel{};         // "6.1"; empty: 6.12's rules
  std::vector<std::string> behaviours{};  // NAME=VALUE
  std::vector<std::string> binds{};       // HOST:GUEST[:rw]
  std::vector<std::string> sets{};        // PATH=VALUE
  uint32_t uid = 0;
  std::vector<std::string> env{};      // K=V
  std::vector<std::string> injects{};  // inject/rule.h
  std::string points{};                // inject/user_points.h
  std::vector<std::string> plugins{};  // FILE.so[,key=value...]
  bool disassemble = false;
  bool dump_page_tables = false;
  bool watch = false;
  bool no_aslr = false;
  uint64_t time_limit_ns = 0;          // of virtual time; 0: none
  std::string cwd{};                   // where it starts; empty: where we are
  std::vector<std::string> command{};  // PROGRAM [ARG...]
};

// Where the program is and where it starts, on the host and in the guest.
struct RunPaths {
  std::string program;
  std::string cwd;
};
absl::StatusOr<RunPaths> FindPaths(const RunOptions& options);

// All but what belongs to the program's file.
absl::StatusOr<os::KernelOptions> MakeKernelOptions(const RunOptions& options);

// The environment: ours, in which the options replace and add.
absl::StatusOr<std::vector<std::string>> MakeEnvironment(
    const RunOptions& options);

// Shows the guest its program and the files that the options name.
absl::Status PrepareFiles(os::Kernel& kernel, const RunOptions& options,
                          const RunPaths& paths);

// "512M" -> bytes: K, M, G (powers of 1024) or none. 0 if it is no size.
uint64_t ParseSize(const std::string& text);

// "replay:@FILE" -> the last schedule printed in FILE, which may be a trace or
// what --stats printed: a token can be longer than a command line. Anything
// else is returned as it is.
absl::StatusOr<std::string> ReadSchedule(const std::string& text);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_RUN_OPTIONS_H_
