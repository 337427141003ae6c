#ifndef FAULTLINE_GUEST_MM_PROFILE_BEHAVIOUR_H_
#define FAULTLINE_GUEST_MM_PROFILE_BEHAVIOUR_H_

// Behaviours: the rules in which versions of Linux differ, by name, each with
// the commit that changed it. A profile is a version: it gives every behaviour
// the value that version had; single ones can be overridden. The table in
// behaviour_table.cc is all there is to edit for a new one, besides the code
// that asks for it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace faultline::mm {

// A released version of Linux: 6.12.
struct KernelVersion {
  int major = 0;
  int minor = 0;
  friend constexpr auto operator<=>(const KernelVersion&,
                                    const KernelVersion&) = default;
};
std::string ToString(KernelVersion v);

enum class Behaviour : uint8_t {
  kAnonVmaMerge,
  kMadviseDontneedLocked,
  kMadviseCollapse,
  kThpSplitZeros,
  kMadviseGuard,
  kCollapseUffd,
  kRetractTables,
  kProcessMadviseSelf,
  kMremapMoves,
  kGuardMark,
  kFaultInFirst,
  kPseudoNoexec,
  kZeroDevicePlace,
  kFileThp,
  kUffdThpAppeared,
  kUffdCopyRetryRecheck,
  kWpEnomem,
  kWpErrnoSum,
  kUffdDroppable,
  kUffdUnregister,
  kUffdEmptyPool,
  kUffdEagainField,
  kUffdFeatures,
  kUffdTableGone,
  kUffdRemapWp,
  kWpPartialReport,
  kHugeZeroWrite,
  kCollapseReadOnly,
  kCollapseNoTable,
  kFileFaultMaps,
};
inline constexpr size_t kBehaviours = 30;

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
  kTrylockRestart
};
enum class RetractTables : uint8_t { kMmapTrylock, kTableLocks };
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

struct BehaviourChange {
  KernelVersion since;       // the first release with it
  uint8_t value;             // index into `values`
  absl::string_view commit;  // empty: as far back as we look
};

struct BehaviourInfo {
  absl::string_view name;
  absl::string_view what;  // a sentence
  absl::Span<const absl::string_view> values;
  absl::Span<const BehaviourChange> changes;  // oldest first
};

// In the order of the enumeration.
absl::Span<const BehaviourInfo> AllBehaviours();
// The versions that have a profile, oldest first.
absl::Span<const KernelVersion> Profiles();

class BehaviourSet {
 public:
  // Linux 6.12.
  BehaviourSet();
  explicit BehaviourSet(KernelVersion version);
  // "6.1". kInvalidArgument, naming the profiles there are.
  static absl::StatusOr<BehaviourSet> ForKernel(absl::string_view version);
  // "NAME=VALUE". kInvalidArgument for an unknown name, with the nearest one,
  // or value, with those there are; nothing has changed then.
  absl::Status Override(absl::string_view assignment);

  KernelVersion version() const { return version_; }
  AnonVmaMerge anon_vma_merge() const {
    return AnonVmaMerge(Value(Behaviour::kAnonVmaMerge));
  }
  DontneedLocked dontneed_locked() const {
    return DontneedLocked(Value(Behaviour::kMadviseDontneedLocked));
  }
  MadviseCollapseCall madvise_collapse() const {
    return MadviseCollapseCall(Value(Behaviour::kMadviseCollapse));
  }
  SplitZeros thp_split_zeros() const {
    return SplitZeros(Value(Behaviour::kThpSplitZeros));
  }
  GuardAdvice guard_advice() const {
    return GuardAdvice(Value(Behaviour::kMadviseGuard));
  }
  CollapseUffd collapse_uffd() const {
    return CollapseUffd(Value(Behaviour::kCollapseUffd));
  }
  RetractTables retract_tables() const {
    return RetractTables(Value(Behaviour::kRetractTables));
  }
  ProcessMadviseSelf process_madvise_self() const {
    return ProcessMadviseSelf(Value(Behaviour::kProcessMadviseSelf));
  }
  MremapMoves mremap_moves() const {
    return MremapMoves(Value(Behaviour::kMremapMoves));
  }
  GuardMark guard_mark() const {
    return GuardMark(Value(Behaviour::kGuardMark));
  }
  FaultInFirst fault_in_first() const {
    return FaultInFirst(Value(Behaviour::kFaultInFirst));
  }
  PseudoNoexec pseudo_noexec() const {
    return PseudoNoexec(Value(Behaviour::kPseudoNoexec));
  }
  ZeroDevicePlace zero_device_place() const {
    return ZeroDevicePlace(Value(Behaviour::kZeroDevicePlace));
  }
  FileThp file_thp() const { return FileThp(Value(Behaviour::kFileThp)); }
  HugeZeroWrite huge_zero_write() const {
    return HugeZeroWrite(Value(Behaviour::kHugeZeroWrite));
  }
  CollapseReadOnly collapse_read_only() const {
    return CollapseReadOnly(Value(Behaviour::kCollapseReadOnly));
  }
  CollapseNoTable collapse_no_table() const {
    return CollapseNoTable(Value(Behaviour::kCollapseNoTable));
  }
  FileFaultMaps file_fault_maps() const {
    return FileFaultMaps(Value(Behaviour::kFileFaultMaps));
  }
  UffdThpAppeared uffd_thp_appeared() const {
    return UffdThpAppeared(Value(Behaviour::kUffdThpAppeared));
  }
  UffdCopyRecheck uffd_copy_recheck() const {
    return UffdCopyRecheck(Value(Behaviour::kUffdCopyRetryRecheck));
  }
  WpEnomem wp_enomem() const { return WpEnomem(Value(Behaviour::kWpEnomem)); }
  WpErrnoSum wp_errno_sum() const {
    return WpErrnoSum(Value(Behaviour::kWpErrnoSum));
  }
  UffdDroppable uffd_droppable() const {
    return UffdDroppable(Value(Behaviour::kUffdDroppable));
  }
  UffdUnregister uffd_unregister() const {
    return UffdUnregister(Value(Behaviour::kUffdUnregister));
  }
  UffdEmptyPool uffd_empty_pool() const {
    return UffdEmptyPool(Value(Behaviour::kUffdEmptyPool));
  }
  UffdEagainField uffd_eagain_field() const {
    return UffdEagainField(Value(Behaviour::kUffdEagainField));
  }
  UffdFeatures uffd_features() const {
    return UffdFeatures(Value(Behaviour::kUffdFeatures));
  }
  UffdTableGone uffd_table_gone() const {
    return UffdTableGone(Value(Behaviour::kUffdTableGone));
  }
  UffdRemapWp uffd_remap_wp() const {
    return UffdRemapWp(Value(Behaviour::kUffdRemapWp));
  }
  WpPartialReport wp_partial_report() const {
    return WpPartialReport(Value(Behaviour::kWpPartialReport));
  }
  // The index of the value, for lists.
  uint8_t Value(Behaviour b) const { return values_[size_t(b)]; }

 private:
  KernelVersion version_;
  std::array<uint8_t, kBehaviours> values_{};
};

// `docs/behaviours.md`, and what `faultline behaviours` prints.
std::string BehavioursMarkdown();
std::string BehavioursText();

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PROFILE_BEHAVIOUR_H_
