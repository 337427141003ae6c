#ifndef FAULTLINE_PLUGIN_EXPLORE_STORY_H_
#define FAULTLINE_PLUGIN_EXPLORE_STORY_H_

// Story: the steps of one run, to be read: a column for each actor, a line for
// each point that it came to. Of a long way that one goes alone the ends are
// kept, and of a run with many switches its beginning, its end, and what is
// around each preemption: so the room it takes is bounded.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::explore {

class Story {
 public:
  static constexpr size_t kAll = ~size_t{0};
  // `ends`: how many stretches (steps of one actor in a row) of the beginning
  // are kept, and of the end.
  explicit Story(size_t ends = kAll) : ends_(ends) {}

  void Add(uint32_t actor, std::string_view name, std::string_view step);
  // Somebody else goes on, though the last one to step could.
  void Preempted();

  // "" if nothing has happened.
  std::string Render() const;

 private:
  struct Stretch {
    size_t column = 0;
    size_t steps = 0;
    bool preempted = false;
    size_t left_out_before = 0;  // stretches
    std::vector<std::string> first{};
    std::deque<std::string> last{};
  };
  size_t ColumnOf(uint32_t actor, std::string_view name);
  void DropOne();

  size_t ends_;
  size_t width_ = 0;
  std::vector<uint32_t> actors_;
  std::vector<std::string> names_;
  std::vector<Stretch> kept_;
  std::deque<Stretch> tail_;  // the latest
  size_t left_out_ = 0;       // between the two
  // The last to leave the tail was preempted: what follows is kept, too.
  bool keep_next_ = false;
};

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_STORY_H_
