#include "plugin/script/exploration.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/explore/story.h"

namespace faultline::script {
namespace {

void Note(std::map<std::string, Finding>& findings, const std::string& text,
          uint64_t schedules, const std::vector<explore::Decision>& decisions) {
  Finding& f = findings[text];
  if (f.count++ == 0) {
    f.first = schedules;
    f.decisions = decisions;
    f.preemptions = explore::Preemptions(decisions);
  }
}

// Runs the schedule of `f` again, to tell of it.
void Witness(Finding& f, const RunScenario& run) {
  const std::unique_ptr<explore::Search> again =
      explore::MakeRepeat(f.decisions);
  const RunEnd end = run({.strategy = *again->Next(), .keep_steps = true});
  f.schedule = end.schedule;
  f.story = RenderStory(end.steps);
}

}  // namespace

Explored Explore(explore::Search& search, const ExploreOptions& options,
                 const RunScenario& run) {
  Explored result;
  while (result.schedules < options.limit) {
    mm::Strategy* const strategy = search.Next();
    if (strategy == nullptr) {
      result.complete = search.exhaustive();
      break;
    }
    const RunEnd end =
        run({.strategy = *strategy, .footprint = search.footprint()});
    if (search.repeated()) {
      continue;
    }
    ++result.schedules;
    if (!end.problem.empty()) {
      Note(result.problems, end.problem, result.schedules, search.decisions());
      if (!options.all) {
        break;
      }
    } else if (!end.outcome.empty()) {
      Note(result.outcomes, end.outcome, result.schedules, search.decisions());
    }
  }
  for (auto* const findings : {&result.problems, &result.outcomes}) {
    for (auto& [text, finding] : *findings) {
      Witness(finding, run);
    }
  }
  return result;
}

std::string RenderHistogram(const Explored& explored) {
  std::string text = absl::StrFormat(
      "%d schedules%s\n", explored.schedules,
      explored.complete ? ", all there are within the bound" : "");
  const auto lines = [&](const std::map<std::string, Finding>& findings,
                         const char* mark) {
    for (const auto& [what, f] : findings) {
      absl::StrAppendFormat(&text, "%8d  %s%s (first with %d preemption%s)\n",
                            f.count, mark, what, f.preemptions,
                            f.preemptions == 1 ? "" : "s");
      if (!f.token.empty()) {
        absl::StrAppend(&text, "          ", f.token, "\n");
      }
    }
  };
  lines(explored.problems, "violated: ");
  lines(explored.outcomes, "");
  return text;
}

std::string RenderStory(const std::vector<World::Step>& steps) {
  explore::Story story;
  for (const World::Step& s : steps) {
    story.Add(s.actor, s.name, s.point);
  }
  return story.Render();
}

}  // namespace faultline::script
