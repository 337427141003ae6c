// The table of behaviours: each with its values, what they mean, and the
// versions from which they ruled.

#include <iterator>

#include "guest_mm/profile/behaviour.h"

namespace faultline::mm {
namespace {

constexpr KernelVersion kProfiles[] = {{5, 15}, {6, 1},  {6, 3},
                                       {6, 6},  {6, 12}, {6, 18}};
constexpr KernelVersion kAlways{0, 0};

constexpr absl::string_view kAnonVmaMergeValues[] = {"existing-only", "either"};
constexpr BehaviourChange kAnonVmaMergeChanges[] = {
    {kAlways, uint8_t(AnonVmaMerge::kExistingOnly), ""},
    {{6, 16}, uint8_t(AnonVmaMerge::kEither), "879bca0a2c4f"}};

constexpr absl::string_view kDontneedLockedValues[] = {"unknown", "known"};
constexpr BehaviourChange kDontneedLockedChanges[] = {
    {kAlways, uint8_t(DontneedLocked::kUnknown), ""},
    {{5, 18}, uint8_t(DontneedLocked::kKnown), "9457056ac426"}};

constexpr absl::string_view kMadviseCollapseValues[] = {"unknown", "known"};
constexpr BehaviourChange kMadviseCollapseChanges[] = {
    {kAlways, uint8_t(MadviseCollapseCall::kUnknown), ""},
    {{6, 1}, uint8_t(MadviseCollapseCall::kKnown), "7d8faaf15545"}};

constexpr absl::string_view kThpSplitZerosValues[] = {"kept", "shared"};
constexpr BehaviourChange kThpSplitZerosChanges[] = {
    {kAlways, uint8_t(SplitZeros::kKept), ""},
    {{6, 12}, uint8_t(SplitZeros::kShared), "b1f202060afe"}};
// Of 6.13 (662df3e5c376) for anonymous memory, and of 6.15 for files; carried
// back, so that programs find it in the newest profile.
constexpr absl::string_view kMadviseGuardValues[] = {"unknown", "known"};
constexpr BehaviourChange kMadviseGuardChanges[] = {
    {kAlways, uint8_t(GuardAdvice::kUnknown), ""},
    {{6, 12}, uint8_t(GuardAdvice::kKnown), "662df3e5c376"}};

// Three of the values were never released: what was found to lose pages, a
// cure that was not taken, and half of the one that was.
constexpr absl::string_view kCollapseUffdValues[] = {
    "mmap-write", "buggy", "pml-early", "trylock-restart", "pml-only"};
constexpr BehaviourChange kCollapseUffdChanges[] = {
    {kAlways, uint8_t(CollapseUffd::kMmapWrite), ""},
    {{6, 6}, uint8_t(CollapseUffd::kPmlEarly), "1043173eb5eb"}};

// "looks-once" is in no release.
constexpr absl::string_view kRetractTablesValues[] = {
    "mmap-trylock", "table-locks", "looks-once"};
constexpr BehaviourChange kRetractTablesChanges[] = {
    {kAlways, uint8_t(RetractTables::kMmapTrylock), ""},
    {{6, 6}, uint8_t(RetractTables::kTableLocks), "1d65b771bc08"}};

constexpr absl::string_view kProcessMadviseSelfValues[] = {"as-others", "all"};
constexpr BehaviourChange kProcessMadviseSelfChanges[] = {
    {kAlways, uint8_t(ProcessMadviseSelf::kAsOthers), ""},
    {{6, 13}, uint8_t(ProcessMadviseSelf::kAll), "021781b01275"}};

constexpr absl::string_view kMremapMovesValues[] = {"one", "many"};
constexpr BehaviourChange kMremapMovesChanges[] = {
    {kAlways, uint8_t(MremapMoves::kOne), ""},
    {{6, 17}, uint8_t(MremapMoves::kMany), "d23cb648e365"}};

// Of 6.19; the stable releases of 6.18 have it too.
constexpr absl::string_view kGuardMarkValues[] = {"anon-vma", "vma-flag"};
constexpr BehaviourChange kGuardMarkChanges[] = {
    {kAlways, uint8_t(GuardMark::kAnonVma), ""},
    {{6, 18}, uint8_t(GuardMark::kVmaFlag), "5dba5cc2e0ff"}};

constexpr absl::string_view kFaultInFirstValues[] = {"yes", "no"};
constexpr BehaviourChange kFaultInFirstChanges[] = {
    {kAlways, uint8_t(FaultInFirst::kYes), ""},
    {{6, 15}, uint8_t(FaultInFirst::kNo), "665575cff098"}};

constexpr absl::string_view kSafeWriteableReturnValues[] = {"left", "none"};
constexpr BehaviourChange kSafeWriteableReturnChanges[] = {
    {kAlways, uint8_t(SafeWriteableReturn::kLeft), ""},
    {{5, 18}, uint8_t(SafeWriteableReturn::kNone), "fe673d3f5bf1"},
    {{6, 15}, uint8_t(SafeWriteableReturn::kLeft), "8c03ebd7cdc0"}};

constexpr absl::string_view kTreeSearchProbeValues[] = {"pages", "granules"};
constexpr BehaviourChange kTreeSearchProbeChanges[] = {
    {kAlways, uint8_t(TreeSearchProbe::kPages), ""},
    {{5, 19}, uint8_t(TreeSearchProbe::kGranules), "18788e34642e"}};

constexpr absl::string_view kUffdThpAppearedValues[] = {"efault", "eexist"};
constexpr BehaviourChange kUffdThpAppearedChanges[] = {
    {kAlways, uint8_t(UffdThpAppeared::kEfault), ""},
    {{6, 11}, uint8_t(UffdThpAppeared::kEexist), "71c186efc1b2"}};

// From 7.1 on, of which there is no profile yet.
constexpr absl::string_view kUffdCopyRecheckValues[] = {"unchecked",
                                                        "rechecked"};
constexpr BehaviourChange kUffdCopyRecheckChanges[] = {
    {kAlways, uint8_t(UffdCopyRecheck::kUnchecked), ""}};

constexpr absl::string_view kWpEnomemValues[] = {"ignored", "told"};
constexpr BehaviourChange kWpEnomemChanges[] = {
    {kAlways, uint8_t(WpEnomem::kIgnored), ""},
    {{6, 3}, uint8_t(WpEnomem::kTold), "d1751118c886"}};

constexpr absl::string_view kWpErrnoSumValues[] = {"summed", "propagated"};
constexpr BehaviourChange kWpErrnoSumChanges[] = {
    {kAlways, uint8_t(WpErrnoSum::kSummed), ""}};

// Anonymous inodes first; pipes and sockets by 6.18.
constexpr absl::string_view kPseudoNoexecValues[] = {"no", "yes"};
constexpr BehaviourChange kPseudoNoexecChanges[] = {
    {kAlways, uint8_t(PseudoNoexec::kNo), ""},
    {{6, 16}, uint8_t(PseudoNoexec::kYes), "1ed95281c0c7"}};

// Not in 6.12, in 6.18.
constexpr absl::string_view kZeroDevicePlaceValues[] = {"anywhere", "huge"};
constexpr BehaviourChange kZeroDevicePlaceChanges[] = {
    {kAlways, uint8_t(ZeroDevicePlace::kAnywhere), ""},
    {{6, 18}, uint8_t(ZeroDevicePlace::kHuge), "measured"}};

// A matter of configuration (READ_ONLY_THP_FOR_FS), which Debian leaves out; of
// kernels that have it, up to 6.7 "code", since then "read-only"
// (7fbb5e188248).
constexpr absl::string_view kFileThpValues[] = {"none", "code", "read-only"};
constexpr BehaviourChange kFileThpChanges[] = {
    {kAlways, uint8_t(FileThp::kNone), ""}};

constexpr absl::string_view kUffdDroppableValues[] = {"allowed", "refused"};
constexpr BehaviourChange kUffdDroppableChanges[] = {
    {kAlways, uint8_t(UffdDroppable::kAllowed), ""},
    {{6, 17}, uint8_t(UffdDroppable::kRefused), "7208cc6497c2"}};

constexpr absl::string_view kUffdUnregisterValues[] = {"anyones", "own"};
constexpr BehaviourChange kUffdUnregisterChanges[] = {
    {kAlways, uint8_t(UffdUnregister::kAnyones), ""},
    {{6, 17}, uint8_t(UffdUnregister::kOwn), "23ec90eb122f"}};

constexpr absl::string_view kUffdEmptyPoolValues[] = {"enomem", "eexist"};
constexpr BehaviourChange kUffdEmptyPoolChanges[] = {
    {kAlways, uint8_t(UffdEmptyPool::kEnomem), ""},
    {{6, 18}, uint8_t(UffdEmptyPool::kEexist), "seen there, and not in 6.12"}};

// 6.12's later stable releases have it, too.
constexpr absl::string_view kUffdEagainFieldValues[] = {"untouched", "written"};
constexpr BehaviourChange kUffdEagainFieldChanges[] = {
    {kAlways, uint8_t(UffdEagainField::kUntouched), ""},
    {{6, 12}, uint8_t(UffdEagainField::kWritten), "95567729173e"}};

constexpr absl::string_view kUffdFeaturesValues[] = {
    "minor-shmem", "exact-address", "wp-shmem", "wp-unpopulated",
    "poison",      "wp-async",      "move"};
constexpr BehaviourChange kUffdFeaturesChanges[] = {
    {kAlways, uint8_t(UffdFeatures::kMinorShmem), ""},
    {{5, 18}, uint8_t(UffdFeatures::kExactAddress), "824ddc601adc"},
    {{5, 19}, uint8_t(UffdFeatures::kWpShmem), "b1f9e876862d"},
    {{6, 4}, uint8_t(UffdFeatures::kWpUnpopulated), "2bad466cc9d9"},
    {{6, 6}, uint8_t(UffdFeatures::kPoison), "fc71884a5f59"},
    {{6, 7}, uint8_t(UffdFeatures::kWpAsync), "d61ea1cb0095"},
    {{6, 8}, uint8_t(UffdFeatures::kMove), "adef440691ba"}};

// "efault" was in the first draft of the change, and in no release.
constexpr absl::string_view kUffdTableGoneValues[] = {"bug", "eagain",
                                                      "efault"};
constexpr BehaviourChange kUffdTableGoneChanges[] = {
    {kAlways, uint8_t(UffdTableGone::kBug), ""},
    {{6, 11}, uint8_t(UffdTableGone::kEagain), "4828d207dc51"}};

constexpr absl::string_view kUffdRemapWpValues[] = {"kept", "cleared"};
constexpr BehaviourChange kUffdRemapWpChanges[] = {
    {kAlways, uint8_t(UffdRemapWp::kKept), ""},
    {{6, 12}, uint8_t(UffdRemapWp::kCleared), "0cef0bb836e3"}};

// Proposed in January 2023 in answer to d1751118c886, and never made.
constexpr absl::string_view kWpPartialReportValues[] = {"off", "on"};
constexpr BehaviourChange kWpPartialReportChanges[] = {
    {kAlways, uint8_t(WpPartialReport::kOff), ""}};

constexpr absl::string_view kHugeZeroWriteValues[] = {"split", "replace"};
constexpr BehaviourChange kHugeZeroWriteChanges[] = {
    {kAlways, uint8_t(HugeZeroWrite::kSplit), ""},
    {{6, 13},
     uint8_t(HugeZeroWrite::kReplace),
     "mm: allocate THP on hugezeropage wp-fault"}};

constexpr absl::string_view kCollapseReadOnlyValues[] = {"refused", "taken"};
constexpr BehaviourChange kCollapseReadOnlyChanges[] = {
    {kAlways, uint8_t(CollapseReadOnly::kRefused), ""},
    {{6, 18}, uint8_t(CollapseReadOnly::kTaken), "measured"}};

constexpr absl::string_view kCollapseNoTableValues[] = {"fails", "maps"};
constexpr BehaviourChange kCollapseNoTableChanges[] = {
    {kAlways, uint8_t(CollapseNoTable::kFails), ""},
    {{6, 18}, uint8_t(CollapseNoTable::kMaps), "measured"}};

constexpr absl::string_view kFileFaultMapsValues[] = {"page", "unnamed-shmem",
                                                      "folio"};
constexpr BehaviourChange kFileFaultMapsChanges[] = {
    {kAlways, uint8_t(FileFaultMaps::kPage), ""},
    {{6, 11}, uint8_t(FileFaultMaps::kUnnamedShmem), "43e027e41423"},
    {{6, 18}, uint8_t(FileFaultMaps::kFolio), "357b92761d94"}};

// Before, shared memory could not be write-protected: nothing was lost.
constexpr absl::string_view kUffdWpTablesValues[] = {"freed", "kept"};
constexpr BehaviourChange kUffdWpTablesChanges[] = {
    {kAlways, uint8_t(UffdWpTables::kFreed), ""},
    {{5, 19}, uint8_t(UffdWpTables::kKept), "deb4c93a9871"}};

constexpr absl::string_view kFaultCompletedValues[] = {"no", "yes"};
constexpr BehaviourChange kFaultCompletedChanges[] = {
    {kAlways, uint8_t(FaultCompleted::kNo), ""},
    {{6, 0}, uint8_t(FaultCompleted::kYes), "d92725256b4f"}};

constexpr BehaviourInfo kTable[] = {
    {"anon-vma-merge",
     "Which of two neighbours that become alike may lack an anon_vma for them "
     "to merge.",
     kAnonVmaMergeValues, kAnonVmaMergeChanges},
    {"madvise-dontneed-locked", "Whether MADV_DONTNEED_LOCKED exists.",
     kDontneedLockedValues, kDontneedLockedChanges},
    {"madvise-collapse", "Whether MADV_COLLAPSE exists.",
     kMadviseCollapseValues, kMadviseCollapseChanges},
    {"thp-split-zeros",
     "Whether pages of zeros stay when a huge page is split, or give way to "
     "the shared one.",
     kThpSplitZerosValues, kThpSplitZerosChanges},
    {"madvise-guard",
     "Whether MADV_GUARD_INSTALL and MADV_GUARD_REMOVE exist: from 6.13 on, "
     "here carried back.",
     kMadviseGuardValues, kMadviseGuardChanges},
    {"collapse-uffd",
     "What keeps userfaultfd from filling the table that the collapse of a "
     "private mapping of shmem takes away: mmap_lock for writing; nothing; the "
     "pmd lock, taken before the entries are cleared; the same, but by a "
     "trylock and all over again if that fails; the pmd lock, but the pte lock "
     "is dropped once the entries are cleared.",
     kCollapseUffdValues, kCollapseUffdChanges},
    {"retract-tables",
     "What a collapse of a file's pages takes to retract the tables of others: "
     "mmap_lock, if it is free; the locks of the tables alone, under which it "
     "looks again if the mapping may lose its table; the same without that "
     "second look.",
     kRetractTablesValues, kRetractTablesChanges},
    {"process-madvise-self",
     "Whether process_madvise takes all advice for the caller itself, or only "
     "what it takes for other processes.",
     kProcessMadviseSelfValues, kProcessMadviseSelfChanges},
    {"mremap-moves",
     "Whether mremap to a fixed address, of an unchanged length, moves one "
     "mapping or many; with the latter all is judged before the target goes, "
     "MREMAP_DONTUNMAP counts locked memory as locked twice, and userfaultfd "
     "is told the length that moved, not the one that was asked for.",
     kMremapMovesValues, kMremapMovesChanges},
    {"guard-mark",
     "What a mapping that has had guard regions keeps, so that fork copies "
     "them: an anon_vma, or a flag of its own and an anon_vma if anonymous.",
     kGuardMarkValues, kGuardMarkChanges},
    {"fault-in-first",
     "Whether a buffered write faults its source in before it makes the page "
     "ready, or only once the copy has failed: then a memory file keeps that "
     "page, and grows to the offset.",
     kFaultInFirstValues, kFaultInFirstChanges},
    {"pseudo-noexec",
     "Whether files without a name (pipes, sockets, eventfds) are as if on a "
     "file system mounted noexec: mmap for execution is then EPERM, not "
     "ENODEV.",
     kPseudoNoexecValues, kPseudoNoexecChanges},
    {"zero-device-place",
     "Whether a private mapping of /dev/zero of a huge page or more is placed "
     "so that its offset agrees with its address modulo huge pages.",
     kZeroDevicePlaceValues, kZeroDevicePlaceChanges},
    {"file-thp",
     "Which mappings of files that are not memory files are collapsed into "
     "huge pages, as long as nobody has the file open for writing: none; those "
     "of code; any.",
     kFileThpValues, kFileThpChanges},
    {"uffd-thp-appeared",
     "What filling ioctls of userfaultfd answer when a huge page appears "
     "between their two looks.",
     kUffdThpAppearedValues, kUffdThpAppearedChanges},
    {"uffd-copy-retry-recheck",
     "Whether UFFDIO_COPY, having dropped its locks to read its source, asks "
     "if the mapping is still the same: from 7.1 on.",
     kUffdCopyRecheckValues, kUffdCopyRecheckChanges},
    {"wp-enomem",
     "Whether UFFDIO_WRITEPROTECT tells of a page table that cannot be had.",
     kWpEnomemValues, kWpEnomemChanges},
    {"wp-errno-sum",
     "Whether that error is added to the count of pages in other parts of the "
     "range, as in every Linux, or given as it is.",
     kWpErrnoSumValues, kWpErrnoSumChanges},
    {"uffd-droppable",
     "Whether memory that may go at any time (MAP_DROPPABLE) can be registered "
     "with userfaultfd.",
     kUffdDroppableValues, kUffdDroppableChanges},
    {"uffd-unregister",
     "Whose memory UFFDIO_UNREGISTER takes out of its registration.",
     kUffdUnregisterValues, kUffdUnregisterChanges},
    {"uffd-empty-pool",
     "What UFFDIO_COPY to hugetlb memory answers when there is no huge page.",
     kUffdEmptyPoolValues, kUffdEmptyPoolChanges},
    {"uffd-eagain-field",
     "Whether a filling ioctl that finds the memory changing says so in its "
     "last field, too. Of 6.15, and carried back.",
     kUffdEagainFieldValues, kUffdEagainFieldChanges},
    {"uffd-features",
     "The last of userfaultfd's features that is known, with its ioctl, if it "
     "has one.",
     kUffdFeaturesValues, kUffdFeaturesChanges},
    {"uffd-table-gone",
     "What becomes of a filling ioctl whose page table is taken away before it "
     "is locked.",
     kUffdTableGoneValues, kUffdTableGoneChanges},
    {"uffd-remap-wp",
     "Whether mremap without EVENT_REMAP, which ends the registration, also "
     "ends the protection of pages. Of 6.13, and carried back.",
     kUffdRemapWpValues, kUffdRemapWpChanges},
    {"wp-partial-report",
     "Whether UFFDIO_WRITEPROTECT has a longer form that reports the bytes it "
     "did not protect, and can leave pinned pages out.",
     kWpPartialReportValues, kWpPartialReportChanges},
    {"huge-zero-write",
     "Whether a write to the huge zero page splits it, or puts a huge page in "
     "its place.",
     kHugeZeroWriteValues, kHugeZeroWriteChanges},
    {"collapse-read-only",
     "Whether anonymous pages none of which can be written to are collapsed.",
     kCollapseReadOnlyValues, kCollapseReadOnlyChanges},
    {"collapse-no-table",
     "Whether MADV_COLLAPSE of a file maps the huge page where not even the "
     "middle level of tables is there, or fails though the file has it then.",
     kCollapseNoTableValues, kCollapseNoTableChanges},
    {"file-fault-maps",
     "What a fault maps of a file's huge page that is mapped by base pages: "
     "what lies in the window around it; all of it, if the memory file has no "
     "name and the fault is not a read in a window; all of it, beyond the "
     "file's end, too.",
     kFileFaultMapsValues, kFileFaultMapsChanges},
    {"safe-writeable-return",
     "What fault_in_safe_writeable() says is left of a range of which the "
     "first "
     "page could be made writable and a later one not: what could not, or "
     "nothing (gfs2's read then tries for ever).",
     kSafeWriteableReturnValues, kSafeWriteableReturnChanges},
    {"tree-search-probe",
     "What btrfs's tree-search ioctl probes before it copies with page faults "
     "disabled: a byte of each page, or of each 16 bytes that one tag is for. "
     "(In the lab: there is no btrfs.)",
     kTreeSearchProbeValues, kTreeSearchProbeChanges},
    {"uffd-wp-tables",
     "Whether a collapse takes away a table in which userfaultfd's "
     "write-protection may have left marks, or keeps it.",
     kUffdWpTablesValues, kUffdWpTablesChanges},
    {"fault-completed",
     "Whether a fault that has dirtied a page of a shared mapping, and given "
     "mmap_lock back to wait for write-back, is done, or made again from the "
     "start.",
     kFaultCompletedValues, kFaultCompletedChanges},
};
static_assert(std::size(kTable) == kBehaviours);

}  // namespace

absl::Span<const BehaviourInfo> AllBehaviours() { return kTable; }
absl::Span<const KernelVersion> Profiles() { return kProfiles; }

}  // namespace faultline::mm
