#include "tests/differential/driver/masks.h"

#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace faultline::differential {
namespace {

using Version = std::pair<int, int>;

Version ToVersion(absl::string_view text) {
  Version version;
  std::sscanf(std::string(text).c_str(), "%d.%d", &version.first,
              &version.second);
  return version;
}

bool Applies(absl::string_view when, Version release) {
  if (absl::ConsumePrefix(&when, "since ")) {
    return release >= ToVersion(when);
  }
  if (absl::ConsumePrefix(&when, "before ")) {
    return release < ToVersion(when);
  }
  return when == "always";
}

}  // namespace

std::vector<std::string> MasksFor(absl::string_view text,
                                  absl::string_view release) {
  std::vector<std::string> masks;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::ConsumePrefix(&line, "| `")) {
      continue;
    }
    std::vector<absl::string_view> cells = absl::StrSplit(line, " | ");
    if (cells.size() > 1 && absl::ConsumeSuffix(&cells[0], "`") &&
        Applies(cells[1], ToVersion(release))) {
      masks.emplace_back(cells[0]);
    }
  }
  return masks;
}

}  // namespace faultline::differential
