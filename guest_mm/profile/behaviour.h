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
#include "guest_mm/profile/behaviour_values.h"

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
  kSafeWriteableReturn,
  kTreeSearchProbe,
  kUffdWpTables,
  kFaultCompleted,
};
inline constexpr size_t kBehaviours = 34;

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
  SafeWriteableReturn safe_writeable_return() const {
    return SafeWriteableReturn(Value(Behaviour::kSafeWriteableReturn));
  }
  TreeSearchProbe tree_search_probe() const {
    return TreeSearchProbe(Value(Behaviour::kTreeSearchProbe));
  }
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
  UffdWpTables uffd_wp_tables() const {
    return UffdWpTables(Value(Behaviour::kUffdWpTables));
  }
  FaultCompleted fault_completed() const {
    return FaultCompleted(Value(Behaviour::kFaultCompleted));
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
