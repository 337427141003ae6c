#ifndef FAULTLINE_PLUGIN_INJECT_SITE_LIST_H_
#define FAULTLINE_PLUGIN_INJECT_SITE_LIST_H_

// Every site there is: what fails, and where something can happen. A test
// compares the list with the code.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "plugin/inject/rule.h"

namespace faultline::inject {

enum class SiteKind : uint8_t {
  kFailure,  // mm::FailSite: "fail", and every event
  kPoint,    // mm::PointSite: events
};

struct SiteInfo {
  SiteKind kind;
  const char* name;
  const char* what;
};

// Failures, then points; each by name.
absl::Span<const SiteInfo> Sites();

// Whether `pattern` (SiteMatches()) means a site; `to_fail`: that can fail.
enum class SiteFound : uint8_t { kYes, kNo, kCannotFail };
SiteFound FindSite(std::string_view pattern, bool to_fail);

// InvalidArgument: no site is of that name, or nothing there can fail.
absl::Status CheckSite(const Rule& rule);

// What `faultline sites` prints.
std::string SitesText();
std::string SitesJson();

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_SITE_LIST_H_
