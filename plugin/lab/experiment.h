#ifndef FAULTLINE_PLUGIN_LAB_EXPERIMENT_H_
#define FAULTLINE_PLUGIN_LAB_EXPERIMENT_H_

// Experiment: one claim about how Linux's memory management behaves, and the
// run that shows it. It ends in a table of verdicts by policy or version.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "plugin/engine/registers.h"

namespace faultline::lab {

// Does the claim hold in what was run? kUndecided: the bound was not enough.
enum class Verdict { kHeld, kViolated, kUndecided };
const char* ToString(Verdict v);

// What a cell says of a run that did not end within its bound.
inline constexpr char kTooLong[] = "too long";

struct Findings {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  // Steps worth reading, such as those of a livelock's cycle.
  std::vector<std::string> notes;
  // Of the rows so far: of none, kUndecided; else the worst of theirs.
  Verdict verdict = Verdict::kUndecided;

  // A row, and whether it is as the claim says. One that tells of a run beyond
  // its bound (kTooLong, among its cells) decides nothing.
  void Add(std::vector<std::string> row, bool as_claimed);
};

struct Experiment {
  absl::string_view id;     // "P1"
  absl::string_view claim;  // a sentence
  bool needs_tags;          // arm64's
  // Null: it is a script, named after the claim (scripts/).
  Findings (*run)(engine::Arch arch) = nullptr;
  // What the claim is about. Of a script it is what the script begins with.
  absl::string_view about = "";
};
Findings RunExperiment(const Experiment& experiment, engine::Arch arch);

// All there are, in order.
absl::Span<const Experiment> Experiments();
// Null: there is none of that name.
const Experiment* FindExperiment(absl::string_view id);

// The table as text, with the claim above and the verdict below it.
std::string Render(const Experiment& experiment, engine::Arch arch,
                   const Findings& findings);

}  // namespace faultline::lab

#endif  // FAULTLINE_PLUGIN_LAB_EXPERIMENT_H_
