// The words of a sweep: its rules and ends.

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugin/inject/injector.h"
#include "plugin/inject/site_list.h"
#include "plugin/inject/sweep.h"

namespace faultline::inject {

const char* ToString(End end) {
  static constexpr const char* kNames[kEnds] = {
      "same", "clean-error", "signal",    "silent",
      "hang", "livelock",    "invariant", "crash"};
  return kNames[size_t(end)];
}

bool IsViolation(End end) {
  return end == End::kHang || end == End::kLivelock || end == End::kInvariant ||
         end == End::kCrash;
}

Rule ForPassing(Rule rule, uint64_t nth) {
  rule.nth = nth;
  return rule;
}

absl::StatusOr<std::vector<Rule>> SweepRules(
    const std::vector<std::string>& texts) {
  std::vector<Rule> rules;
  for (const std::string& text : texts) {
    for (const std::string& part :
         std::vector<std::string>(absl::StrSplit(text, ','))) {
      auto rule = ParseRule(part);
      if (!rule.ok()) {
        return rule.status();
      }
      if (rule->nth != 0 || rule->every != 0 || rule->probability) {
        return absl::InvalidArgumentError(
            absl::StrCat("--inject ", part,
                         ": a sweep takes each passing by itself, without "
                         "nth, every or p"));
      }
      if (absl::Status s = CheckSite(*rule); !s.ok()) {
        return s;
      }
      for (const SiteInfo& site : Sites()) {
        if (SiteMatches(rule->site, site.name) &&
            (site.kind == SiteKind::kFailure ||
             rule->action != ActionKind::kFail)) {
          rules.push_back(*rule);
          rules.back().site = site.name;
        }
      }
    }
  }
  if (rules.empty()) {
    return absl::InvalidArgumentError(
        "sweep: no site named; --inject alloc.*,slab, say");
  }
  return rules;
}

}  // namespace faultline::inject
