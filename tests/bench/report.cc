#include "tests/bench/report.h"

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::bench {
namespace {

std::string Ratio(const Result& result, size_t rival) {
  const Seconds& first = result.seconds[0];
  const Seconds& other = result.seconds[rival + 1];
  if (!first.ok() || !other.ok()) {
    return "-";
  }
  bool against = result.group.kind == Group::Kind::kAgainst;
  double ratio = against ? *first / *other : *other / *first;
  std::string text = absl::StrFormat("%.2f", ratio);
  if (std::optional<double> goal = result.group.rivals[rival].goal) {
    absl::StrAppendFormat(&text, " (goal <= %.2f: %s)", *goal,
                          ratio <= *goal ? "met" : "MISSED");
  }
  return text;
}

std::string FirstLineWith(const char* path, const char* key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, key)) {
      size_t colon = line.find(": ");
      return colon == std::string::npos ? line : line.substr(colon + 2);
    }
  }
  return "unknown";
}

void AppendCommands(const Contestant& contestant, std::string& out) {
  absl::StrAppend(&out, "- ", contestant.name, ": `", ToString(contestant.full),
                  "`");
  if (!contestant.base.empty()) {
    absl::StrAppend(&out, " less `", ToString(contestant.base), "`, by ",
                    contestant.operations);
  }
  absl::StrAppend(&out, "\n");
}

void AppendRows(const Result& result, std::string& out) {
  const Group& group = result.group;
  absl::StrAppend(&out, "| ", group.what, " | ", group.first.name, " | ",
                  FormatSeconds(result.seconds[0]), " | |\n");
  for (size_t i = 0; i < group.rivals.size(); i++) {
    absl::StrAppend(&out, "| | ", group.rivals[i].contestant.name, " | ",
                    FormatSeconds(result.seconds[i + 1]), " | ",
                    Ratio(result, i), " |\n");
  }
}

void AppendSection(const std::vector<Result>& results, size_t begin, size_t end,
                   std::string& out) {
  absl::StrAppend(&out, "\n## ", results[begin].group.section, "\n\n",
                  "| what | who | cost | ratio |\n|---|---|---|---|\n");
  for (size_t i = begin; i < end; i++) {
    AppendRows(results[i], out);
  }
  absl::StrAppend(&out, "\nThe commands:\n\n");
  for (size_t i = begin; i < end; i++) {
    AppendCommands(results[i].group.first, out);
    for (const Group::Rival& rival : results[i].group.rivals) {
      AppendCommands(rival.contestant, out);
    }
  }
}

}  // namespace

std::string FormatSeconds(const Seconds& seconds) {
  if (!seconds.ok()) {
    return absl::StrCat("failed: ", seconds.status().message());
  }
  if (*seconds < 1e-6) {
    return absl::StrFormat("%.0f ns", *seconds * 1e9);
  }
  if (*seconds < 1e-3) {
    return absl::StrFormat("%.2f us", *seconds * 1e6);
  }
  return *seconds < 1 ? absl::StrFormat("%.2f ms", *seconds * 1e3)
                      : absl::StrFormat("%.2f s", *seconds);
}

std::string Lines(const Result& result) {
  const Group& group = result.group;
  std::string out =
      absl::StrFormat("%-40s %-20s %s\n", group.what, group.first.name,
                      FormatSeconds(result.seconds[0]));
  for (size_t i = 0; i < group.rivals.size(); i++) {
    absl::StrAppendFormat(&out, "%-40s %-20s %-12s ratio %s\n", "",
                          group.rivals[i].contestant.name,
                          FormatSeconds(result.seconds[i + 1]),
                          Ratio(result, i));
  }
  return out;
}

std::string Report(const std::vector<Result>& results, int runs) {
  std::string out = absl::StrCat(
      "# Performance\n\nWritten by `./dev bench`; ", runs,
      " runs of each command, by turns and after one uncounted, and their "
      "medians. Cost\nis processor time (user and system). A ratio is "
      "Faultline's cost over the other's; "
      "where sizes are\ncompared, a size's cost over the smallest's, and under "
      "Growth its goal is growth no\nfaster than log(size).\n\nMeasured on ",
      FirstLineWith("/proc/cpuinfo", "model name"), ", ",
      FirstLineWith("/proc/sys/kernel/osrelease", ""), ".\n");
  for (size_t begin = 0; begin < results.size();) {
    size_t end = begin;
    while (end < results.size() &&
           results[end].group.section == results[begin].group.section) {
      end++;
    }
    AppendSection(results, begin, end, out);
    begin = end;
  }
  return out;
}

}  // namespace faultline::bench
