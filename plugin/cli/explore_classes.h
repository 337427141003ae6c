#ifndef FAULTLINE_PLUGIN_CLI_EXPLORE_CLASSES_H_
#define FAULTLINE_PLUGIN_CLI_EXPLORE_CLASSES_H_

// Classes: the ways in which the runs of an explored program ended, how many
// did, and of each the run with the fewest preemptions.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plugin/cli/explore_ending.h"

namespace faultline::cli {

// One thing that is made to fail or happen in a run.
struct OneInjection {
  std::string site{};  // "": none
  std::string rule{};  // inject/rule.h
};

struct EndClass {
  uint64_t count = 0;
  bool violated = false;
  Ending best{};
  OneInjection injection{};  // of `best`
  std::string token{};
  std::string note{};  // what is to be said of it beside
};

class Classes {
 public:
  // `usual`: the end of the run without preemptions and injections.
  explicit Classes(Ending usual) : usual_(std::move(usual)) {}

  // By site ("" first), then by name.
  using Key = std::pair<std::string, std::string>;
  // What an end is called: its own name, and for an exit as usual also whether
  // the output is.
  std::string NameOf(const Ending& ending) const;
  // An end is a violation if no program ends so by itself, or if the order of
  // events alone makes it another one than usual.
  bool Violates(const Ending& ending, const OneInjection& injection) const;

  void Add(const OneInjection& injection, const Ending& ending);
  std::map<Key, EndClass>& all() { return all_; }
  const std::map<Key, EndClass>& all() const { return all_; }
  uint64_t runs() const { return runs_; }
  bool violated() const;

 private:
  Ending usual_;
  uint64_t runs_ = 0;
  std::map<Key, EndClass> all_;
};

// Each class with its count, and the token of those that are no violations;
// then of each violation its name, its schedule and its token.
// `passings`: of the sites of injections, how often each was passed.
std::string RenderClasses(const Classes& classes,
                          const std::map<std::string, uint64_t>& passings);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_EXPLORE_CLASSES_H_
