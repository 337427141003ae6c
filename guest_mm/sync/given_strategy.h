#ifndef FAULTLINE_GUEST_MM_SYNC_GIVEN_STRATEGY_H_
#define FAULTLINE_GUEST_MM_SYNC_GIVEN_STRATEGY_H_

// A strategy that has no text: who makes a machine from options hands it over
// beforehand, and names it kGivenStrategy in them.

#include <memory>

#include "guest_mm/sync/strategy.h"

namespace faultline::mm {

inline constexpr char kGivenStrategy[] = "given";

// The next ParseStrategy(kGivenStrategy) of this thread answers `strategy`;
// without one it is InvalidArgument, as for a user who writes that.
void GiveStrategy(std::unique_ptr<Strategy> strategy);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_GIVEN_STRATEGY_H_
