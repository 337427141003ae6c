#ifndef FAULTLINE_PLUGIN_CLI_EXPLORE_ENDING_H_
#define FAULTLINE_PLUGIN_CLI_EXPLORE_ENDING_H_

// Ending: how one run of an explored program ended, and how a copy of the
// process tells the first one so.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/explore/turns.h"

namespace faultline::cli {

struct Ending {
  enum class Kind : uint8_t {
    kExited,
    kKilled,
    kDeadlock,   // nobody can go on
    kLivelock,   // it comes to the same state again (inject/watched_run.h)
    kHang,       // it did not end in time
    kInvariant,  // the memory manager's books, a rule of locking, a kernel BUG
    kCrash,      // of Faultline itself
  };
  Kind kind = Kind::kExited;
  // Found by the look at the end, and not by the run.
  bool found_at_end = false;
  std::string what{};    // one line: "exit status 0", "broken invariant: ..."
  std::string detail{};  // more lines: who waits for what
  uint64_t output = 0;   // hash of what it wrote
  uint64_t virtual_ns = 0;
  uint64_t choices = 0;
  std::vector<explore::Turn> turns{};
  // What --schedule takes; "": too long, or nobody could say.
  std::string schedule{};
  // Of runs that were asked to tell.
  std::string story{};
  std::optional<uint64_t> trace_hash{};
};

// From kDeadlock on: no program ends so by itself.
bool IsViolation(const Ending& ending);

// One after the other: who writes runs while the others wait. A write that
// fails ends the process.
void SendEnding(int fd, const Ending& ending);
// The next one; nothing when all who could write have gone.
std::optional<Ending> ReceiveEnding(int fd);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_EXPLORE_ENDING_H_
