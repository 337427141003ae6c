// Recording and repeating a schedule.
//
// A token is "fl1" and, for each choice that differs from round robin's,
// ".GAP-INDEX": how many choices before it were round robin's, and the index
// chosen; then "." and a checksum, so that a token cut short by a terminal is
// refused. Numbers are base 36.

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "guest_mm/sync/strategy.h"

namespace faultline::mm {
namespace {

constexpr std::string_view kTokenVersion = "fl1";

struct Departure {
  uint64_t gap;
  uint64_t index;
};

std::string ToBase36(uint64_t n) {
  std::string digits;
  do {
    digits.insert(digits.begin(),
                  "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36]);
    n /= 36;
  } while (n != 0);
  return digits;
}

std::optional<uint64_t> FromBase36(std::string_view digits) {
  if (digits.empty() || digits.size() > 12) {  // 36^12 < 2^64
    return std::nullopt;
  }
  uint64_t n = 0;
  for (char c : digits) {
    if (c >= '0' && c <= '9') {
      n = n * 36 + uint64_t(c - '0');
    } else if (c >= 'a' && c <= 'z') {
      n = n * 36 + uint64_t(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return n;
}

// FNV-1a, to 20 bits: against accidents, not enemies.
std::string Checksum(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (char c : text) {
    hash = (hash ^ uint8_t(c)) * 16777619u;
  }
  return ToBase36(hash >> 12);
}

absl::Status BadToken(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("not a replay token: ", std::string(why)));
}

class Replay : public Strategy {
 public:
  Replay(std::string token, std::vector<Departure> departures)
      : token_(std::move(token)), departures_(std::move(departures)) {}

  size_t Choose(const Choice& choice) override {
    if (next_ == departures_.size() || gap_ < departures_[next_].gap) {
      ++gap_;
      return RoundRobinChoice(choice);
    }
    const uint64_t index = departures_[next_].index;
    if (index >= choice.runnable.size()) {
      next_ = departures_.size();  // another run than the recorded one
      return RoundRobinChoice(choice);
    }
    ++next_;
    gap_ = 0;
    return size_t(index);
  }
  std::string Name() const override { return absl::StrCat("replay:", token_); }

 private:
  std::string token_;
  std::vector<Departure> departures_;
  size_t next_ = 0;
  uint64_t gap_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Strategy>> MakeReplay(std::string_view token) {
  const size_t last_dot = token.rfind('.');
  if (last_dot == std::string_view::npos) {
    return BadToken("no checksum");
  }
  const std::string_view body = token.substr(0, last_dot);
  const std::vector<std::string> parts = absl::StrSplit(std::string(body), '.');
  if (parts.front() != kTokenVersion) {
    return BadToken("another version");
  }
  if (Checksum(body) != token.substr(last_dot + 1)) {
    return BadToken("damaged or cut short");
  }
  std::vector<Departure> departures;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(parts[i], absl::MaxSplits('-', 1));
    const std::optional<uint64_t> gap = FromBase36(pair.first);
    const std::optional<uint64_t> index = FromBase36(pair.second);
    if (!gap || !index) {
      return BadToken(parts[i]);
    }
    departures.push_back({*gap, *index});
  }
  return std::make_unique<Replay>(std::string(token), std::move(departures));
}

struct Recorder::State {
  std::unique_ptr<Strategy> inner;
  size_t max_bytes = 0;
  std::string body{kTokenVersion};
  uint64_t gap = 0;
  bool too_long = false;
};

Recorder::Recorder(std::unique_ptr<Strategy> inner, size_t max_bytes)
    : state_(std::make_unique<State>()) {
  state_->inner = std::move(inner);
  state_->max_bytes = max_bytes;
}

Recorder::~Recorder() = default;

size_t Recorder::Choose(const Choice& choice) {
  const size_t index = state_->inner->Choose(choice);
  if (index == RoundRobinChoice(choice)) {
    ++state_->gap;
  } else if (!state_->too_long) {
    absl::StrAppend(&state_->body, ".", ToBase36(state_->gap), "-",
                    ToBase36(index));
    state_->gap = 0;
    if (state_->body.size() > state_->max_bytes) {
      state_->too_long = true;
      std::string().swap(state_->body);  // a part of a schedule is no use
    }
  }
  return index;
}

std::string Recorder::Name() const { return state_->inner->Name(); }

bool Recorder::wants_every_point() const {
  return state_->inner->wants_every_point();
}

std::optional<std::string> Recorder::Token() const {
  if (state_->too_long) {
    return std::nullopt;
  }
  return absl::StrCat(state_->body, ".", Checksum(state_->body));
}

}  // namespace faultline::mm
