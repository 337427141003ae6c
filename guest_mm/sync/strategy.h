#ifndef FAULTLINE_GUEST_MM_SYNC_STRATEGY_H_
#define FAULTLINE_GUEST_MM_SYNC_STRATEGY_H_

// Strategy: who runs next. Asked at every schedule point where more than one
// actor could run, and whenever the running one blocks or ends. A run is a
// function of its answers (and the seed, program, profile and injections).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

class Actor;

enum class SliceIs : bool { kNotOver, kOver };

struct Choice {
  // The actors that can run, by id, at least two.
  absl::Span<Actor* const> runnable;
  // The one that ran until now; null if it blocked or ended.
  Actor* current = nullptr;
  // The id of the one that ran until now, even if it blocked or ended.
  uint32_t last_id = 0;
  const PointSite* at = nullptr;
  // True when the current actor's time slice is used up.
  bool slice_over = false;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // Index into `choice.runnable`.
  virtual size_t Choose(const Choice& choice) = 0;
  // "rr", "random:42": what --schedule takes to make the same strategy.
  virtual std::string Name() const = 0;
  // False if it keeps to the current actor until that blocks or its slice is
  // over: then it is not asked in between, and points cost nothing.
  virtual bool wants_every_point() const { return true; }
};

// What round robin chooses: the current actor until it blocks or its slice
// ends, then the next by id in a circle.
size_t RoundRobinChoice(const Choice& choice);

// The default.
std::unique_ptr<Strategy> MakeRoundRobin();
// Every choice uniform, from a generator seeded with `seed`.
std::unique_ptr<Strategy> MakeRandom(uint64_t seed);
// Repeats the choices that a Recorder wrote into `token`. InvalidArgument for
// a token that is not one. A run that departs from the token's (another
// program or profile) is round robin from there on.
absl::StatusOr<std::unique_ptr<Strategy>> MakeReplay(std::string_view token);
// "rr" | "random[:SEED]" | "replay:TOKEN"; `seed` is for a random without one.
// InvalidArgument for anything else.
absl::StatusOr<std::unique_ptr<Strategy>> ParseStrategy(std::string_view text,
                                                        uint64_t seed);

// Wraps a strategy and remembers its choices as a replay token: printable,
// one line. Only choices that round robin would not have made take room, so
// long stretches without a switch cost nothing. A guest decides how many there
// are, so past `max_bytes` nothing is remembered.
class Recorder : public Strategy {
 public:
  static constexpr size_t kMaxBytes = size_t{64} << 20;
  explicit Recorder(std::unique_ptr<Strategy> inner,
                    size_t max_bytes = kMaxBytes);
  ~Recorder() override;
  size_t Choose(const Choice& choice) override;
  std::string Name() const override;
  bool wants_every_point() const override;
  // None if the choices took more than the limit.
  std::optional<std::string> Token() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_STRATEGY_H_
