#include "plugin/cli/explore_classes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::cli {
namespace {

// Of two witnesses, the one that is easier to understand.
std::pair<unsigned, size_t> SizeOf(const Ending& e) {
  return {explore::Preemptions(e.turns), e.turns.size()};
}

std::string Count(uint64_t n, const char* what) {
  return absl::StrCat(n, " ", what, n == 1 ? "" : "s");
}

// "1 preemption, alloc.anon:nth=3=fail".
std::string HowItComes(const EndClass& c) {
  std::string text = Count(explore::Preemptions(c.best.turns), "preemption");
  if (!c.injection.rule.empty()) {
    absl::StrAppend(&text, ", ", c.injection.rule);
  }
  return text;
}

std::string RenderViolation(const std::string& name, const EndClass& c) {
  std::string text =
      absl::StrFormat("\nviolated: %s (%s)\n", name, HowItComes(c));
  for (const std::string& more : {c.best.detail, c.note}) {
    if (!more.empty()) {
      absl::StrAppend(&text, more, more.ends_with('\n') ? "" : "\n");
    }
  }
  if (!c.best.story.empty()) {
    absl::StrAppend(&text, "\n", c.best.story, "\n");
  }
  if (!c.token.empty()) {
    absl::StrAppend(&text, "  faultline replay ", c.token, "\n");
  }
  return text;
}

}  // namespace

std::string Classes::NameOf(const Ending& e) const {
  const bool compares =
      e.kind == usual_.kind && e.what == usual_.what && !IsViolation(e);
  return !compares                   ? e.what
         : e.output == usual_.output ? e.what + ", with the usual output"
                                     : e.what + ", with another output";
}

bool Classes::Violates(const Ending& e, const OneInjection& injection) const {
  const bool usual = e.kind == usual_.kind && e.what == usual_.what &&
                     e.output == usual_.output;
  return IsViolation(e) || (injection.site.empty() && !usual);
}

void Classes::Add(const OneInjection& injection, const Ending& ending) {
  ++runs_;
  EndClass& c = all_[{injection.site, NameOf(ending)}];
  if (c.count++ == 0 || SizeOf(ending) < SizeOf(c.best)) {
    c.best = ending;
    c.injection = injection;
    c.violated = Violates(ending, injection);
  }
}

bool Classes::violated() const {
  return std::ranges::any_of(
      all_, [](const auto& one) { return one.second.violated; });
}

std::string RenderClasses(const Classes& classes,
                          const std::map<std::string, uint64_t>& passings) {
  std::string text, violations, site;
  for (const auto& [key, c] : classes.all()) {
    if (key.first != site) {
      site = key.first;
      const auto n = passings.find(site);
      absl::StrAppendFormat(
          &text, "with %s once (%s)\n", site,
          Count(n == passings.end() ? 0 : n->second, "passing"));
    }
    const bool as_without = !site.empty() && c.injection.site.empty();
    absl::StrAppendFormat(&text, "%8d  %s%s (first with %s%s)\n", c.count,
                          c.violated ? "violated: " : "", key.second,
                          HowItComes(c),
                          as_without ? "; the same without it" : "");
    if (as_without && classes.all().contains({"", key.second})) {
      continue;
    }
    if (c.violated) {
      absl::StrAppend(&violations, RenderViolation(key.second, c));
    } else if (!c.token.empty()) {
      absl::StrAppend(&text, "          ", c.token, "\n");
    }
  }
  return text + violations;
}

}  // namespace faultline::cli
