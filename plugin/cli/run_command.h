#ifndef FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_

// `faultline run`: one program from start to end.
// Exit status: the guest's; 128 + signal if one killed it; 125 if we failed;
// 2 for a command line that makes no sense.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace faultline::cli {

inline constexpr int kExitUsage = 2;
inline constexpr int kExitOurFailure = 125;

struct RunOptions {
  uint64_t seed = 0;
  std::string memory = "512M";
  bool strace = false;
  std::string trace_file;
  bool stats = false;
  std::string schedule = "rr";
  std::string kernel;                   // "6.1"; empty: the newest
  std::vector<std::string> behaviours;  // NAME=VALUE
  std::vector<std::string> binds;       // HOST:GUEST[:rw]
  std::vector<std::string> sets;        // PATH=VALUE
  uint32_t uid = 0;
  std::vector<std::string> env;  // K=V
  bool disassemble = false;
  bool dump_page_tables = false;
  bool no_aslr = false;
  std::vector<std::string> command;  // PROGRAM [ARG...]
};

class RunCommand {
 public:
  explicit RunCommand(CLI::App& app);
  // Whether the command line names this command.
  bool chosen() const { return command_->parsed(); }
  int Run();

 private:
  CLI::App* command_;
  RunOptions options_;
};

// "512M" -> bytes: K, M, G (powers of 1024) or none. 0 if it is no size.
uint64_t ParseSize(const std::string& text);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_
