// P4, P10 and P11: how far a copy goes, and who needs all of it.

#include <string>

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check.h"
#include "plugin/lab/copy_machine.h"
#include "plugin/lab/progress_claims.h"

namespace faultline::lab {
namespace {

using engine::KernelRoutine;
using End = LoopOutcome::End;

constexpr uint64_t kReadWrite = 3, kNone = 0;

const char* ToString(LoopProbe probe) {
  switch (probe) {
    case kProbeNone:
      return "none";
    case kProbeFirstByte:
      return "first byte";
    case kProbePages:
      return "pages";
    case kProbeGranules:
      return "granules";
    case kProbeGup:
      return "page tables";
  }
  return "?";
}

// Bytes to be copied tell their places; those of the other side do not.
enum Pattern { kSource, kUntouched };
void Fill(absl::Span<std::byte> bytes, Pattern pattern) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = std::byte(pattern == kSource ? i * 7 + 1 : 0xee);
  }
}

// Of `bytes`, `count` from `at` on are those of `from` (null: zeros), and all
// others are untouched.
bool Holds(absl::Span<const std::byte> bytes, uint64_t at, uint64_t count,
           const std::byte* from) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const bool copied = i >= at && i < at + count;
    const std::byte wanted = !copied           ? std::byte(0xee)
                             : from == nullptr ? std::byte(0)
                                               : from[i - at];
    if (bytes[i] != wanted) {
      return false;
    }
  }
  return true;
}

}  // namespace

Findings CopiesUpToTheFault(engine::Arch arch) {
  Findings f;
  f.columns = {"routine", "good bytes", "alignments of the other side",
               "copies", "exact to the byte"};
  CopyMachine m(arch);
  m.Map(0, 1, kReadWrite);
  m.Populate(0, 1);
  constexpr uint64_t kMostGood = 128, kBytes = 200, kAlignments = 16;
  struct Routine {
    const char* name;
    KernelRoutine routine;
    bool from_user;
  };
  for (const Routine& r :
       {Routine{"copy_to_user", KernelRoutine::kCopyToUser, false},
        Routine{"copy_from_user", KernelRoutine::kCopyFromUser, true},
        Routine{"clear_user", KernelRoutine::kClearUser, false}}) {
    uint64_t copies = 0, exact = 0;
    for (uint64_t good = 0; good <= kMostGood; ++good) {
      for (uint64_t other = 0; other < kAlignments; ++other) {
        const uint64_t user_at = m.page() - good;
        const uint64_t user = CopyMachine::kBase + user_at;
        const uint64_t kernel = m.kernel_buffer() + other;
        const bool clear = r.routine == KernelRoutine::kClearUser;
        const absl::Span<std::byte> of_user = m.UserBytes(0);
        const absl::Span<std::byte> of_kernel = m.KernelBytes();
        Fill(of_user, r.from_user ? kSource : kUntouched);
        Fill(of_kernel, r.from_user ? kUntouched : kSource);
        const uint64_t left = clear ? m.Call(r.routine, user, kBytes, 0)
                              : r.from_user
                                  ? m.Call(r.routine, kernel, user, kBytes)
                                  : m.Call(r.routine, user, kernel, kBytes);
        const bool same =
            r.from_user
                ? Holds(of_kernel, other, good, &of_user[user_at % m.page()])
                : Holds(of_user, user_at, good,
                        clear ? nullptr : &of_kernel[other]);
        ++copies;
        exact += left == kBytes - good && same ? 1 : 0;
      }
    }
    f.Add({r.name, absl::StrCat("0 to ", kMostGood),
           absl::StrCat("0 to ", kAlignments - 1), absl::StrCat(copies),
           absl::StrCat(exact)},
          exact == copies);
  }
  return f;
}

// The second half of the second block is bad. What of it was copied does not
// count, so a probe that finds one good byte says "go on" for ever.
Findings WholeBlocks(engine::Arch arch) {
  Findings f;
  f.columns = {"block", "probe", "stuck copy", "result"};
  for (const uint64_t block : {512, 4096}) {
    for (const LoopProbe probe : {kProbeNone, kProbeFirstByte, kProbePages}) {
      for (const LoopStuck stuck : {kStuckRetry, kStuckBailOut}) {
        CopyMachine m(arch);
        m.Map(0, 3, kReadWrite);
        m.Populate(0, 3);
        const uint64_t good = block + block / 2;  // one block and a half
        const uint64_t bad_page = 2;
        m.Protect(bad_page, 1, kNone);
        const LoopRequest request{
            .user = CopyMachine::kBase + bad_page * m.page() - good,
            .bytes = 3 * block,
            .probe = uint64_t(probe),
            .stuck = uint64_t(stuck),
            .block = block};
        const LoopOutcome o = m.Run(KernelRoutine::kLoopDirectIo, request);
        // A probe of the whole block ends it; else only giving up does.
        const bool stops = probe == kProbePages || stuck == kStuckBailOut;
        f.Add({absl::StrCat(block), ToString(probe),
               stuck == kStuckRetry ? "is tried again" : "ends it",
               o.end == End::kLivelock ? "stuck"
                                       : absl::StrCat("short: ", ToString(o))},
              stops ? o.value == int64_t(block) && o.end == End::kReturned
                    : o.end == End::kLivelock);
      }
    }
  }
  return f;
}

// A block on two pages, the second bad (gfs2's direct read): "all is faulted
// in", says the probe, and the copy that follows does not get the block
// through.
Findings WrongReturnSpins(engine::Arch arch) {
  Findings f;
  f.columns = {"kernel", "safe-writeable-return", "result"};
  struct Case {
    const char* kernel;
    bool spins;
  };
  for (const Case& c : {Case{"5.15", false}, Case{"6.1", true},
                        Case{"6.12", true}, Case{"6.18", false}}) {
    const auto behaviours = mm::BehaviourSet::ForKernel(c.kernel);
    FL_CHECK(behaviours.ok());
    CopyMachine m(arch, *behaviours);
    m.Map(0, 2, kReadWrite);
    m.Populate(0, 2);
    m.Protect(1, 1, kNone);
    const LoopRequest request{.user = CopyMachine::kBase + m.page() / 2,
                              .bytes = m.page(),
                              .probe = kProbeGup,
                              .stuck = kStuckRetry,
                              .block = m.page()};
    const LoopOutcome o = m.Run(KernelRoutine::kLoopDirectIo, request);
    const bool none =
        behaviours->safe_writeable_return() == mm::SafeWriteableReturn::kNone;
    f.Add({c.kernel, none ? "none" : "left", ToString(o)},
          c.spins ? o.end == End::kLivelock : o.value < 0);
    if (o.end == End::kLivelock && f.notes.empty()) {
      f.notes.push_back("for ever:\n" + CycleText(o));
    }
  }
  return f;
}

}  // namespace faultline::lab
