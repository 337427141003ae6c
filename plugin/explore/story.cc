#include "plugin/explore/story.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::explore {
namespace {

// Of a stretch, from either end.
constexpr size_t kShown = 3;

}  // namespace

size_t Story::ColumnOf(uint32_t actor, std::string_view name) {
  const auto it = std::ranges::find(actors_, actor);
  if (it == actors_.end()) {
    actors_.push_back(actor);
    names_.emplace_back(name);
    return actors_.size() - 1;
  }
  return size_t(it - actors_.begin());
}

void Story::Add(uint32_t actor, std::string_view name, std::string_view step) {
  width_ = std::max({width_, step.size() + 2, name.size() + 2});
  const size_t column = ColumnOf(actor, name);
  if (tail_.empty() || tail_.back().column != column) {
    if (tail_.size() == ends_) {
      DropOne();
    }
    tail_.push_back({.column = column});
  }
  Stretch& s = tail_.back();
  ++s.steps;
  if (s.first.size() < kShown) {
    s.first.emplace_back(step);
    return;
  }
  if (s.last.size() == kShown) {
    s.last.pop_front();
  }
  s.last.emplace_back(step);
}

void Story::Preempted() {
  if (!tail_.empty()) {
    tail_.back().preempted = true;
  }
}

// The oldest of the tail goes, or is kept for good.
void Story::DropOne() {
  Stretch s = std::move(tail_.front());
  tail_.pop_front();
  const bool after = std::exchange(keep_next_, s.preempted);
  if (kept_.size() >= ends_ && !s.preempted && !after) {
    ++left_out_;
    return;
  }
  s.left_out_before = std::exchange(left_out_, 0);
  kept_.push_back(std::move(s));
}

std::string Story::Render() const {
  std::string text;
  for (const std::string& name : names_) {
    absl::StrAppendFormat(&text, "%-*s", int(width_), name);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  if (text.empty()) {
    return text;
  }
  absl::StrAppend(&text, "\n");
  const auto left_out = [&text](size_t n) {
    if (n != 0) {
      absl::StrAppend(&text, "... ", n, " turns more\n");
    }
  };
  const auto render = [&](const Stretch& s) {
    const std::string indent(s.column * width_, ' ');
    for (const std::string& step : s.first) {
      absl::StrAppend(&text, indent, step, "\n");
    }
    if (s.steps > s.first.size() + s.last.size()) {
      absl::StrAppend(&text, indent, "(", s.steps - 2 * kShown, " steps)\n");
    }
    for (const std::string& step : s.last) {
      absl::StrAppend(&text, indent, step, "\n");
    }
    if (s.preempted) {
      absl::StrAppend(&text, indent, "-- preempted --\n");
    }
  };
  for (const Stretch& s : kept_) {
    left_out(s.left_out_before);
    render(s);
  }
  left_out(left_out_);
  for (const Stretch& s : tail_) {
    render(s);
  }
  return text;
}

}  // namespace faultline::explore
