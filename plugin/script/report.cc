#include "plugin/script/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::script {

std::string RenderTable(const std::vector<std::string>& columns,
                        const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  const auto measure = [&widths](const std::vector<std::string>& row) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  };
  measure(columns);
  std::ranges::for_each(rows, measure);
  std::string out;
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text = " ";
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppendFormat(&text, " %-*s ", int(widths[i]), row[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    absl::StrAppend(&out, text, "\n");
  };
  line(columns);
  std::ranges::for_each(rows, line);
  return out;
}

std::string Render(const Report& report) {
  std::string out;
  if (!report.rows.empty()) {
    const std::string mark = "<- not as claimed";
    std::vector<std::vector<std::string>> rows;
    for (const Report::Row& row : report.rows) {
      rows.push_back(row.cells);
      if (!row.held) {
        rows.back().push_back(mark);
      }
    }
    out = RenderTable(report.columns, rows);
  }
  for (const std::string& note : report.notes) {
    absl::StrAppend(&out, out.empty() ? "" : "\n", note, "\n");
  }
  for (const std::string& histogram : report.histograms) {
    absl::StrAppend(&out, out.empty() ? "" : "\n", histogram);
  }
  return out;
}

}  // namespace faultline::script
