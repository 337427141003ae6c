// P6 to P9: tags are smaller than pages, and only an access sees them.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/phys/frame_tags.h"
#include "guest_mm/vma/mte.h"
#include "plugin/lab/copy_machine.h"
#include "plugin/lab/progress_claims.h"

namespace faultline::lab {
namespace {

using engine::KernelRoutine;
using engine::TagCheck;
using engine::TagChecks;
using End = LoopOutcome::End;

constexpr uint64_t kTagged = 3 | mm::kProtMte;
constexpr TagChecks kSync{TagCheck::kSync, TagCheck::kSync};
constexpr uint64_t kGranule = mm::FrameTags::kGranule;

// Two pages whose tags are all 0, as the pointers', but for one granule.
struct OneBadGranule {
  OneBadGranule(engine::Arch arch, uint64_t offset,
                mm::BehaviourSet behaviours = {})
      : machine(arch, behaviours) {
    machine.Map(0, 2, kTagged);
    machine.Populate(0, 2);
    machine.SetTags(CopyMachine::kBase + offset, kGranule, 5);
  }
  CopyMachine machine;
};

}  // namespace

// btrfs's tree search: the copy of an item's data meets a granule that refuses,
// the cursor goes back to the item's header, and the probe finds nothing wrong.
Findings RewindLivelocks(engine::Arch arch) {
  Findings f;
  f.columns = {"kernel", "probe", "header", "bad granule at", "result"};
  constexpr uint64_t kItem = 160, kBytes = 4 * kItem;
  for (const char* const kernel : {"5.15", "6.1"}) {
    const auto behaviours = mm::BehaviourSet::ForKernel(kernel);
    const bool granules =
        behaviours->tree_search_probe() == mm::TreeSearchProbe::kGranules;
    for (const uint64_t header : {32, 48}) {
      for (const uint64_t bad : {uint64_t{0}, 2 * kItem + header + 32}) {
        OneBadGranule g(arch, bad, *behaviours);
        const LoopRequest request{
            .user = CopyMachine::kBase,
            .bytes = kBytes,
            .probe = uint64_t(granules ? kProbeGranules : kProbePages),
            .header = header,
            .block = kItem};
        const LoopOutcome o =
            g.machine.Run(KernelRoutine::kLoopTreeSearch, request, kSync);
        // At the buffer's first byte every probe sees it.
        const bool stuck = !granules && bad != 0;
        f.Add({kernel, granules ? "granules" : "pages", absl::StrCat(header),
               absl::StrCat(bad), ToString(o)},
              stuck ? o.end == End::kLivelock
                    : o.end == End::kReturned && o.value < 0);
        if (o.end == End::kLivelock && f.notes.empty()) {
          f.notes.push_back("for ever:\n" + CycleText(o));
        }
      }
    }
  }
  return f;
}

Findings PageTablesHaveNoTags(engine::Arch arch) {
  Findings f;
  f.columns = {"probe", "left by the probe", "left by the copy", "gfs2's read"};
  for (const LoopProbe probe : {kProbeGup, kProbePages, kProbeGranules}) {
    OneBadGranule g(arch, 0);
    CopyMachine& m = g.machine;
    const uint64_t at = CopyMachine::kBase;
    constexpr uint64_t kBytes = 256;
    const uint64_t left =
        probe == kProbeGup
            ? m.ProbeByGup(at, kBytes)
            : m.Call(probe == kProbePages
                         ? KernelRoutine::kFaultInWriteable
                         : KernelRoutine::kFaultInSubpageWriteable,
                     at, kBytes, m.page(), kSync);
    const uint64_t copy = m.Call(KernelRoutine::kCopyToUser, at,
                                 m.kernel_buffer(), kBytes, kSync);
    const LoopOutcome o =
        m.Run(KernelRoutine::kLoopGfs2Read,
              {.user = at, .bytes = kBytes, .probe = uint64_t(probe)}, kSync);
    const bool blind = probe == kProbeGup;
    f.Add({blind                  ? "page tables"
           : probe == kProbePages ? "pages"
                                  : "granules",
           absl::StrCat(left), absl::StrCat(copy), ToString(o)},
          copy == kBytes && left == (blind ? 0 : kBytes) &&
              (o.end == End::kLivelock) == blind);
  }
  return f;
}

Findings GranulesFindAll(engine::Arch arch) {
  Findings f;
  f.columns = {"probe", "bad granules tried", "found"};
  for (const bool granules : {true, false}) {
    uint64_t tried = 0, found = 0;
    OneBadGranule g(arch, 0);
    CopyMachine& m = g.machine;
    for (uint64_t bad = 0; bad < m.page(); bad += kGranule) {
      m.SetTags(CopyMachine::kBase, m.page(), 0);
      m.SetTags(CopyMachine::kBase + bad, kGranule, 5);
      const uint64_t left =
          m.Call(granules ? KernelRoutine::kFaultInSubpageWriteable
                          : KernelRoutine::kFaultInWriteable,
                 CopyMachine::kBase, m.page(), m.page(), kSync);
      ++tried;
      found += left != 0 ? 1 : 0;
    }
    f.Add({granules ? "granules" : "pages", absl::StrCat(tried),
           absl::StrCat(found)},
          found == (granules ? tried : 1));
  }
  return f;
}

Findings AsynchronousCannotLivelock(engine::Arch arch) {
  Findings f;
  f.columns = {"loads", "stores", "tree search", "buffered write"};
  constexpr const char* kNames[] = {"none", "sync", "async"};
  for (const TagChecks checks :
       {TagChecks{}, kSync, TagChecks{TagCheck::kAsync, TagCheck::kAsync},
        TagChecks{TagCheck::kSync, TagCheck::kAsync}}) {
    constexpr uint64_t kItem = 160, kBad = 96;
    OneBadGranule to(arch, kBad);
    const LoopOutcome search = to.machine.Run(KernelRoutine::kLoopTreeSearch,
                                              {.user = CopyMachine::kBase,
                                               .bytes = 4 * kItem,
                                               .probe = kProbePages,
                                               .header = 32,
                                               .block = kItem},
                                              checks);
    OneBadGranule from(arch, kBad);
    const LoopOutcome write =
        from.machine.Run(KernelRoutine::kLoopBufferedWrite,
                         {.user = CopyMachine::kBase,
                          .bytes = 512,
                          .probe = kProbePages,
                          .stuck = kStuckRetry,
                          .fault_in_first = 1},
                         checks);
    // The search stores to user memory, the write loads from it; that advances
    // byte by byte, and so meets the bad one with its probe in the end.
    const bool stuck = checks.stores == TagCheck::kSync;
    const bool short_write = checks.loads == TagCheck::kSync;
    f.Add({kNames[int(checks.loads)], kNames[int(checks.stores)],
           ToString(search), ToString(write)},
          (search.end == End::kLivelock) == stuck &&
              write.end == End::kReturned &&
              write.value == int64_t(short_write ? kBad : 512));
  }
  return f;
}

}  // namespace faultline::lab
