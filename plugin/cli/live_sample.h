#ifndef FAULTLINE_PLUGIN_CLI_LIVE_SAMPLE_H_
#define FAULTLINE_PLUGIN_CLI_LIVE_SAMPLE_H_

// What `faultline run --watch` shows of a machine: a look at it, and the look
// as lines of text.

#include <cstdint>
#include <string>
#include <vector>

#include "plugin/linux/kernel.h"

namespace faultline::cli {

struct LiveSample {
  uint64_t time_ns = 0;  // virtual
  // Bytes: of all address spaces together, and what is left of memory.
  uint64_t anon = 0, file = 0, shmem = 0, swapped = 0;
  uint64_t memory = 0, free = 0;
  uint64_t faults = 0, major_faults = 0, copies = 0, syscalls = 0;
  struct Actor {
    std::string name;
    std::string state;  // "runs", "ready at pte.lock", "waits for futex"
  };
  std::vector<Actor> actors;  // by id
};

// Changes nothing of the machine.
LiveSample TakeSample(os::Kernel& kernel);

// As many lines each time: kLiveLines, none longer than `columns`. Rates are
// since `before`, by virtual time.
inline constexpr int kLiveLines = 7;
std::vector<std::string> RenderLive(const LiveSample& now,
                                    const LiveSample& before, int columns);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_LIVE_SAMPLE_H_
