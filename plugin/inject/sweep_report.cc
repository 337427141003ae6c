#include "plugin/inject/sweep_report.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/inject/rule.h"

namespace faultline::inject {
namespace {

uint64_t NthOf(const SweepRow& row) {
  const auto rule = ParseRule(row.inject);
  return rule.ok() ? rule->nth : 0;
}

std::string XmlText(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += uint8_t(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

// "exit 1", "SIGSEGV" and what else is known of it.
std::string HowItEnded(const SweepRow& row) {
  std::string out =
      absl::StrCat(ToString(row.end), ": ",
                   row.run.killed ? absl::StrCat("signal ", row.run.code)
                                  : absl::StrCat("exit ", row.run.code));
  if (!row.detail.empty()) {
    absl::StrAppend(&out, ", ", row.detail);
  }
  return out;
}

}  // namespace

std::vector<const SweepRow*> InOrder(const SweepRecord& record) {
  std::vector<std::pair<uint64_t, const SweepRow*>> numbered;
  for (const auto& [inject, row] : record.rows) {
    numbered.emplace_back(NthOf(row), &row);
  }
  std::sort(numbered.begin(), numbered.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second->site, a.first, a.second->inject) <
           std::tie(b.second->site, b.first, b.second->inject);
  });
  std::vector<const SweepRow*> rows;
  for (const auto& [nth, row] : numbered) {
    rows.push_back(row);
  }
  return rows;
}

uint64_t Missing(const SweepRecord& record) {
  const uint64_t all = std::accumulate(record.head.passings.begin(),
                                       record.head.passings.end(), uint64_t{0});
  return all - std::min<uint64_t>(all, record.rows.size());
}

bool Violated(const SweepRecord& record) {
  return std::any_of(record.rows.begin(), record.rows.end(),
                     [](const auto& r) { return IsViolation(r.second.end); });
}

std::string SweepTable(const SweepRecord& record) {
  std::map<std::string, std::array<uint64_t, kEnds>> counts;
  std::array<uint64_t, kEnds> total{};
  for (const auto& [inject, row] : record.rows) {
    ++counts[row.site][size_t(row.end)];
    ++total[size_t(row.end)];
  }
  counts.emplace("all", total);
  std::string out = absl::StrFormat("%-26s", "site");
  for (int i = 0; i < kEnds; ++i) {
    absl::StrAppendFormat(&out, " %11s", ToString(End(i)));
  }
  const auto line = [&out](const std::string& name, const auto& row) {
    absl::StrAppendFormat(&out, "\n%-26s", name);
    for (const uint64_t n : row) {
      absl::StrAppendFormat(&out, " %11s", n == 0 ? "-" : absl::StrCat(n));
    }
  };
  for (const auto& [site, row] : counts) {
    if (site != "all") {
      line(site, row);
    }
  }
  line("all", total);
  absl::StrAppendFormat(&out, "\n%d experiments", record.rows.size());
  if (const uint64_t missing = Missing(record); missing != 0) {
    absl::StrAppend(&out, ", ", missing, " not made");
  }
  out += "\n";
  for (const auto& [key, token] : record.tokens) {
    absl::StrAppend(&out, "\n", key.first, " ", ToString(key.second),
                    "\n  faultline replay ", token, "\n");
  }
  return out;
}

std::string SweepJunit(const SweepRecord& record) {
  uint64_t failures = 0;
  std::string cases;
  for (const SweepRow* row : InOrder(record)) {
    absl::StrAppend(&cases, "  <testcase classname=\"", XmlText(row->site),
                    "\" name=\"", XmlText(row->inject), "\"");
    if (!IsViolation(row->end)) {
      absl::StrAppend(&cases, "/>\n");
      continue;
    }
    ++failures;
    const auto token = record.tokens.find({row->site, row->end});
    absl::StrAppend(&cases, "><failure message=\"", XmlText(HowItEnded(*row)),
                    "\">",
                    token == record.tokens.end() ? "" : XmlText(token->second),
                    "</failure></testcase>\n");
  }
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                      "<testsuite name=\"faultline sweep\" tests=\"",
                      record.rows.size(), "\" failures=\"", failures, "\">\n",
                      cases, "</testsuite>\n");
}

std::string SweepKtap(const SweepRecord& record) {
  std::string out =
      absl::StrCat("KTAP version 1\n1..", record.rows.size(), "\n");
  int number = 0;
  for (const SweepRow* row : InOrder(record)) {
    absl::StrAppend(&out, IsViolation(row->end) ? "not ok " : "ok ", ++number,
                    " ", row->inject, " # ", HowItEnded(*row), "\n");
  }
  return out;
}

}  // namespace faultline::inject
