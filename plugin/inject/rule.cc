#include "plugin/inject/rule.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::inject {
namespace {

constexpr ActionInfo kActions[] = {
    {ActionKind::kFail, "fail", "",
     "the operation fails, as Linux's would that has no luck"},
    {ActionKind::kDelay, "delay", "ROUNDS",
     "it takes its time: others go round so often (10) before it goes on"},
    {ActionKind::kSignal, "signal", "NAME",
     "the thread is sent a signal: KILL (if none is named), SEGV, 10"},
    {ActionKind::kReclaim, "reclaim", "ADDRESS",
     "somebody reclaims the page at an address: that of the passing"},
    {ActionKind::kCollapse, "collapse", "ADDRESS",
     "somebody makes a huge page of what is around it"},
    {ActionKind::kSplit, "split", "ADDRESS",
     "somebody splits the huge page there"},
    {ActionKind::kPoison, "poison", "ADDRESS",
     "the memory of the page there fails"},
    {ActionKind::kDontNeed, "dontneed", "ADDRESS",
     "another thread gives the page there back (MADV_DONTNEED)"},
    {ActionKind::kTag, "tag", "N",
     "another thread gives the granule at the address the tag N (0)"},
    {ActionKind::kUffdClose, "uffd-close", "",
     "the userfaultfds of the thread's memory lose their handlers: closed"},
};

absl::Status Bad(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("--inject ", std::string(text), ": ", std::string(why)));
}

bool IsName(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) {
    return std::isalnum(uint8_t(c)) != 0 || c == '.' || c == '_' || c == '-';
  });
}

// 0 is no count of passings.
std::optional<uint64_t> ParseCount(std::string_view s) {
  uint64_t n = 0;
  const bool ok = !s.empty() && std::isdigit(uint8_t(s[0])) != 0 &&
                  absl::SimpleAtoi(std::string(s), &n) && n != 0;
  return ok ? std::optional(n) : std::nullopt;
}

std::optional<uint64_t> ParseAddress(std::string_view s) {
  uint64_t a = 0;
  const bool ok = !s.empty() && std::isxdigit(uint8_t(s[0])) != 0 &&
                  absl::SimpleHexAtoi(std::string(s), &a);
  return ok ? std::optional(a) : std::nullopt;
}

// FIRST-END, or one address: that byte.
std::optional<mm::GuestRange> ParseRange(std::string_view s) {
  const size_t dash = s.find('-');
  const auto first = ParseAddress(s.substr(0, dash));
  const auto end = dash == std::string_view::npos
                       ? (first ? std::optional(*first + 1) : std::nullopt)
                       : ParseAddress(s.substr(dash + 1));
  if (!first || !end || *end <= *first) {
    return std::nullopt;
  }
  return mm::GuestRange{mm::GuestAddr(*first), mm::GuestAddr(*end)};
}

// What is wrong with a condition, or nothing.
std::string SetCondition(Rule& rule, std::string_view key,
                         std::string_view value) {
  if (key == "nth" || key == "every") {
    const auto n = ParseCount(value);
    if (!n) {
      return absl::StrCat(std::string(key), "= wants a number from 1 on");
    }
    (key == "nth" ? rule.nth : rule.every) = *n;
  } else if (key == "p") {
    double p = 0;
    if (!absl::SimpleAtod(std::string(value), &p) || !(p >= 0 && p <= 1)) {
      return "p= wants a probability from 0 to 1";
    }
    rule.probability = p;
  } else if (key == "task") {
    if (value.empty()) {
      return "task= wants a thread's name or id";
    }
    rule.task = std::string(value);
  } else if (key == "addr") {
    rule.addresses = ParseRange(value);
    if (!rule.addresses) {
      return "addr= wants FIRST-END in hexadecimal, or one address";
    }
  } else if (key == "pc") {
    if (value.empty()) {
      return "pc= wants a symbol";
    }
    rule.pc = std::string(value);
  } else {
    return absl::StrCat("no condition is called '", std::string(key),
                        "': nth, every, p, task, addr or pc");
  }
  return "";
}

bool ArgumentIsGood(const ActionInfo& info, const std::string& argument) {
  uint64_t n = 0;
  switch (info.kind) {
    case ActionKind::kDelay:
      return absl::SimpleAtoi(argument, &n);
    case ActionKind::kTag:
      return absl::SimpleAtoi(argument, &n) && n < 16;
    case ActionKind::kSignal:
      return os::SignalOf(argument) != 0;
    default:
      return ParseAddress(argument).has_value();
  }
}

// What is wrong with an action, or nothing.
std::string SetAction(Rule& rule, std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (const ActionInfo& info : kActions) {
    if (name != info.name) {
      continue;
    }
    rule.action = info.kind;
    if (colon != std::string_view::npos) {
      rule.argument = std::string(text.substr(colon + 1));
      if (info.argument[0] == '\0') {
        return absl::StrCat("'", info.name, "' takes nothing after a colon");
      }
      if (!IsName(rule.argument)) {
        return absl::StrCat("'", info.name, ":' wants ", info.argument);
      }
    }
    if (!rule.argument.empty() && !ArgumentIsGood(info, rule.argument)) {
      return absl::StrCat("'", info.name, ":' wants ", info.argument);
    }
    return "";
  }
  return absl::StrCat("no action is called '", std::string(name),
                      "': `faultline sites` lists them");
}

}  // namespace

absl::Span<const ActionInfo> Actions() { return kActions; }

const ActionInfo& InfoOf(ActionKind kind) { return kActions[size_t(kind)]; }

absl::StatusOr<Rule> ParseRule(std::string_view text) {
  Rule rule;
  size_t at = std::min(text.find_first_of(":="), text.size());
  rule.site = std::string(text.substr(0, at));
  std::string_view stem = rule.site;
  if (stem.ends_with('*')) {
    stem.remove_suffix(1);
  }
  if (!IsName(stem)) {
    return Bad(text, "must start with the name of a site");
  }
  std::vector<std::string_view> keys;
  while (at < text.size() && text[at] == ':') {
    const size_t equals = text.find('=', at);
    if (equals == std::string_view::npos) {
      return Bad(text, "a condition is KEY=VALUE");
    }
    const std::string_view key = text.substr(at + 1, equals - at - 1);
    at = std::min(text.find_first_of(":=", equals + 1), text.size());
    if (std::ranges::find(keys, key) != keys.end()) {
      return Bad(text, absl::StrCat("says ", std::string(key), "= twice"));
    }
    keys.push_back(key);
    const std::string wrong =
        SetCondition(rule, key, text.substr(equals + 1, at - equals - 1));
    if (!wrong.empty()) {
      return Bad(text, wrong);
    }
  }
  if (int(rule.nth != 0) + int(rule.every != 0) +
          int(rule.probability.has_value()) >
      1) {
    return Bad(text, "only one of nth, every and p");
  }
  if (at < text.size()) {
    const std::string wrong = SetAction(rule, text.substr(at + 1));
    if (!wrong.empty()) {
      return Bad(text, wrong);
    }
  }
  return rule;
}

std::string ActionText(const Rule& rule) {
  return rule.argument.empty()
             ? InfoOf(rule.action).name
             : absl::StrCat(InfoOf(rule.action).name, ":", rule.argument);
}

std::string ToString(const Rule& rule) {
  std::string out = rule.site;
  if (rule.nth != 0) {
    absl::StrAppend(&out, ":nth=", rule.nth);
  }
  if (rule.every != 0) {
    absl::StrAppend(&out, ":every=", rule.every);
  }
  if (rule.probability.has_value()) {
    absl::StrAppendFormat(&out, ":p=%.17g", *rule.probability);
  }
  if (!rule.task.empty()) {
    absl::StrAppend(&out, ":task=", rule.task);
  }
  if (rule.addresses.has_value()) {
    absl::StrAppendFormat(&out, ":addr=0x%x-0x%x",
                          rule.addresses->start.value(),
                          rule.addresses->end.value());
  }
  if (!rule.pc.empty()) {
    absl::StrAppend(&out, ":pc=", rule.pc);
  }
  return absl::StrCat(out, "=", ActionText(rule));
}

}  // namespace faultline::inject
