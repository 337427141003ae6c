#ifndef FAULTLINE_PLUGIN_GDB_PLAN_H_
#define FAULTLINE_PLUGIN_GDB_PLAN_H_

// Plan: what a copy of the machine, taken earlier, is to do so that gdb finds
// it where it wants it: everything that the machine itself cannot know, for
// when it was copied, that was still to come.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/gdb/session.h"
#include "plugin/gdb/target.h"

namespace faultline::gdb {

// What came from and went to the world outside (console.h).
struct ConsoleLog {
  std::vector<std::string> inputs{};  // answers, in order
  uint64_t written = 0;               // bytes that the world has seen
};

struct Plan {
  enum class Kind : uint8_t {
    kServe,      // run to `to`, then tell gdb `stop`
    kFindBack,   // run to `to`; the last stop of gdb's points on the way
    kFindBlock,  // the start of the last block of thread `tid` before `to`
    kFindStep,   // its last instruction before `to`, from `from` on
  };
  Kind kind = Kind::kServe;
  Position to{}, from{};
  uint64_t to_blocks = 0;  // how many blocks have run at `to`
  int64_t tid = 0;
  Stop stop{};
  Position furthest{};  // so far: before it, nothing is news to the user
  Session session{};
  ConsoleLog console{};
};

std::string Encode(const Plan& plan);
// `text` is Encode()'s.
Plan DecodePlan(std::string_view text);

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_PLAN_H_
