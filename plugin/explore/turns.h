#ifndef FAULTLINE_PLUGIN_EXPLORE_TURNS_H_
#define FAULTLINE_PLUGIN_EXPLORE_TURNS_H_

// Turns: a schedule as what it does otherwise than round robin. A turn is named
// by who ran and how many choices he had come through by then, and not by the
// number of all choices: so the others still mean the same when one is left
// out, and a schedule can be made smaller (shrink.h).

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "guest_mm/sync/strategy.h"

namespace faultline::explore {

// Whether a choice is one of those that are bounded: away from somebody who
// could have gone on; or not away from him when his slice was over, or he gave
// way. (Else one who gives way until others are done could go round for ever.)
bool CostsPreemption(const mm::Choice& choice, size_t chosen);

struct Turn {
  uint32_t from = 0;      // the actor that ran until then
  uint32_t to = 0;        // the one that goes on
  uint64_t nth = 0;       // of the choices after `from`'s steps, counted from 0
  bool preempts = false;  // CostsPreemption()
  friend bool operator==(const Turn&, const Turn&) = default;
};

unsigned Preemptions(const std::vector<Turn>& turns);

// Of the choices of one run: which are turns.
class TurnLog {
 public:
  void Note(const mm::Choice& choice, size_t chosen);
  // The turn that `chosen` would be now, before it is noted.
  Turn Of(const mm::Choice& choice, size_t chosen) const;
  const std::vector<Turn>& turns() const { return turns_; }
  uint64_t choices() const { return choices_; }

 private:
  std::map<uint32_t, uint64_t> counts_;  // by actor
  std::vector<Turn> turns_;
  uint64_t choices_ = 0;
};

// Takes those turns, where it can, and is round robin otherwise.
std::unique_ptr<mm::Strategy> MakeTurns(const std::vector<Turn>& turns);

// Chooses as `inner` does, which outlives it, and keeps the log.
class LoggingStrategy : public mm::Strategy {
 public:
  explicit LoggingStrategy(mm::Strategy& inner) : inner_(inner) {}
  size_t Choose(const mm::Choice& choice) override;
  std::string Name() const override { return inner_.Name(); }
  const TurnLog& log() const { return log_; }

 private:
  mm::Strategy& inner_;
  TurnLog log_;
};

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_TURNS_H_
