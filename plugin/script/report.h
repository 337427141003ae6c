#ifndef FAULTLINE_PLUGIN_SCRIPT_REPORT_H_
#define FAULTLINE_PLUGIN_SCRIPT_REPORT_H_

// Report: what a script has found: a table, row by row as claimed or not, and
// notes.

#include <string>
#include <vector>

namespace faultline::script {

struct Report {
  struct Row {
    std::vector<std::string> cells;
    bool held = true;
  };
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::vector<std::string> notes;
  // Of each explore{}: how many schedules, and what came out of how many.
  std::vector<std::string> histograms;
  bool violated = false;   // a property did not hold
  bool undecided = false;  // a bound was not enough
};

// Columns as wide as their widest cell, a line each.
std::string RenderTable(const std::vector<std::string>& columns,
                        const std::vector<std::vector<std::string>>& rows);
// The table, the notes and the histograms. "" if there is none of them.
std::string Render(const Report& report);

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_REPORT_H_
