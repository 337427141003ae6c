#ifndef FAULTLINE_GUEST_MM_PROFILE_BEHAVIOUR_VALUES_H_
#define FAULTLINE_GUEST_MM_PROFILE_BEHAVIOUR_VALUES_H_

// The values that behaviours can have. behaviour_table.cc says what each means,
// and since when Linux has it.

#include <cstdint>

namespace faultline::mm {

// What each value of a behaviour is called in code. The numbers index
// BehaviourInfo::values.
enum class AnonVmaMerge : uint8_t { kExistingOnly, kEither };
enum class DontneedLocked : uint8_t { kUnknown, kKnown };
enum class MadviseCollapseCall : uint8_t { kUnknown, kKnown };
enum class SplitZeros : uint8_t { kKept, kShared };
enum class GuardAdvice : uint8_t { kUnknown, kKnown };
enum class CollapseUffd : uint8_t {
  kMmapWrite,
  kBuggy,
  kPmlEarly,
  kTrylockRestart,
  kPmlOnly
};
enum class RetractTables : uint8_t { kMmapTrylock, kTableLocks, kLooksOnce };
enum class UffdWpTables : uint8_t { kFreed, kKept };
enum class FaultCompleted : uint8_t { kNo, kYes };
enum class ProcessMadviseSelf : uint8_t { kAsOthers, kAll };
enum class MremapMoves : uint8_t { kOne, kMany };
enum class GuardMark : uint8_t { kAnonVma, kVmaFlag };
enum class FaultInFirst : uint8_t { kYes, kNo };
enum class PseudoNoexec : uint8_t { kNo, kYes };
enum class ZeroDevicePlace : uint8_t { kAnywhere, kHuge };
enum class FileThp : uint8_t { kNone, kCode, kReadOnly };
enum class HugeZeroWrite : uint8_t { kSplit, kReplace };
enum class CollapseReadOnly : uint8_t { kRefused, kTaken };
enum class CollapseNoTable : uint8_t { kFails, kMaps };
enum class FileFaultMaps : uint8_t { kPage, kUnnamedShmem, kFolio };
enum class SafeWriteableReturn : uint8_t { kLeft, kNone };
enum class TreeSearchProbe : uint8_t { kPages, kGranules };
enum class UffdThpAppeared : uint8_t { kEfault, kEexist };
enum class UffdCopyRecheck : uint8_t { kUnchecked, kRechecked };
enum class WpEnomem : uint8_t { kIgnored, kTold };
enum class WpErrnoSum : uint8_t { kSummed, kPropagated };
enum class UffdDroppable : uint8_t { kAllowed, kRefused };
enum class UffdUnregister : uint8_t { kAnyones, kOwn };
enum class UffdEmptyPool : uint8_t { kEnomem, kEexist };
enum class UffdEagainField : uint8_t { kUntouched, kWritten };
// Each with what came before it.
enum class UffdFeatures : uint8_t {
  kMinorShmem,
  kExactAddress,
  kWpShmem,
  kWpUnpopulated,
  kPoison,
  kWpAsync,
  kMove
};
enum class UffdTableGone : uint8_t { kBug, kEagain, kEfault };
enum class UffdRemapWp : uint8_t { kKept, kCleared };
enum class WpPartialReport : uint8_t { kOff, kOn };

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PROFILE_BEHAVIOUR_VALUES_H_
