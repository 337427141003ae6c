#ifndef FAULTLINE_PLUGIN_INJECT_RULE_H_
#define FAULTLINE_PLUGIN_INJECT_RULE_H_

// What a user writes to have something fail or happen:
//
//   SITE[:nth=N|:every=K|:p=X][:task=T][:addr=FIRST-END][:pc=SYMBOL][=ACTION]
//
// as in "alloc.table.pte:nth=3:task=worker=fail" and
// "pmd.lock.locked:addr=0x7f0000000000-0x7f0000200000=reclaim". ACTION is
// "fail" if it is left out. docs/injection.md explains each part.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "guest_mm/base/addr.h"

namespace faultline::inject {

enum class ActionKind : uint8_t {
  kFail,
  kDelay,
  kSignal,
  kReclaim,
  kCollapse,
  kSplit,
  kPoison,
  kDontNeed,
  kTag,
  kUffdClose,
};

// One of the list of actions.
struct ActionInfo {
  ActionKind kind;
  const char* name;
  const char* argument;  // what may follow a colon; empty: nothing
  const char* what;      // one line for a list
};
absl::Span<const ActionInfo> Actions();
const ActionInfo& InfoOf(ActionKind kind);

struct Rule {
  std::string site;  // a name, or its beginning and a star
  uint64_t nth = 0;
  uint64_t every = 0;
  std::optional<double> probability{};
  std::string task;  // a thread's name or id; empty: any
  std::optional<mm::GuestRange> addresses{};
  std::string pc;  // a symbol; empty: any
  ActionKind action = ActionKind::kFail;
  std::string argument;  // of the action
};

// InvalidArgument says which part of `text` is wrong, and why.
absl::StatusOr<Rule> ParseRule(std::string_view text);

// ParseRule() takes it for the same rule.
std::string ToString(const Rule& rule);
// "fail", "signal:KILL".
std::string ActionText(const Rule& rule);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_RULE_H_
