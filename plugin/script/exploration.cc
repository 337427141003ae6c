#include "plugin/script/exploration.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/explore/shrink.h"
#include "plugin/explore/story.h"
#include "plugin/explore/turns.h"

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

// Candidates for one witness.
constexpr int kMostShrinking = 1000;

// Runs the schedule of `f` again, to tell of it. `by_chance`: it is likely to
// have preemptions that nothing depends on; those go first. `same`: a run ends
// as that one does.
void Witness(const std::function<bool(const RunEnd&)>& same, bool by_chance,
             Finding& f, const RunScenario& run) {
  const std::unique_ptr<explore::Search> again =
      explore::MakeRepeat(f.decisions);
  explore::LoggingStrategy logged(*again->Next());
  RunEnd end = run({.strategy = logged, .keep_steps = true});
  if (by_chance) {
    const explore::Shrunk shrunk = explore::Shrink(
        logged.log().turns(),
        [&](std::vector<explore::Turn>& turns) {
          const auto fewer = explore::MakeTurns(turns);
          explore::LoggingStrategy taken(*fewer);
          const RunEnd other = run({.strategy = taken});
          turns = taken.log().turns();
          return same(other);
        },
        kMostShrinking);
    f.preemptions = explore::Preemptions(shrunk.turns);
    end = run(
        {.strategy = *explore::MakeTurns(shrunk.turns), .keep_steps = true});
  }
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
  for (auto& [text, finding] : result.problems) {
    Witness([&text](const RunEnd& end) { return end.problem == text; },
            search.by_chance(), finding, run);
  }
  for (auto& [text, finding] : result.outcomes) {
    Witness(
        [&text](const RunEnd& end) {
          return end.problem.empty() && end.outcome == text;
        },
        search.by_chance(), finding, run);
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
