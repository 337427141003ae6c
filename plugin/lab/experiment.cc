#include "plugin/lab/experiment.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/lab/progress_claims.h"
#include "plugin/lab/script_claims.h"
#include "plugin/script/report.h"

namespace faultline::lab {
namespace {

constexpr Experiment kExperiments[] = {
    {"U1", "a vanished page table is transient", false},
    {"U2", "what is mapped is EEXIST, a page or a huge one", false},
    {"U3", "a huge page that appears between two looks could kill a program",
     false},
    {"U4", "trying again after EAGAIN converges", false},
    {"U5", "the BUG_ON in UFFDIO_COPY and its like is reachable", false},
    {"U6", "a fault and a fill take a vanished table the same way", false},
    {"U7", "partial progress beats the error", false},
    {"U8", "a handler that tries again without reading events livelocks",
     false},
    {"U9", "the mapping may change while UFFDIO_COPY reads its source", false},
    {"U10", "of two who resolve one fault the second gets EEXIST", false},
    {"K1", "UFFDIO_COPY into private shmem asks no page cache", false},
    {"K2", "the page lock stops write faults, not UFFDIO_COPY", false},
    {"K3", "dropping the pte lock before the table goes loses a page", false},
    {"K4", "an early pmd lock helps only if the pte lock is then kept", false},
    {"K5", "a trylock and a second scan are safe, too", false},
    {"K6", "the collapse still works where nothing can come between", false},
    {"K7", "the look for an anon_vma before a table goes is racy", false},
    {"K8", "a table with marks of write-protection must stay", false},
    {"K9", "guard markers open the same window", false},
    {"K10", "the pte lock nests inside the pmd lock", false},
    {"P1", "bailing out when a copy fails after its probe has passed is wrong",
     false, BailingOutIsWrong},
    {"P2", "an error is true if nothing was copied and nothing faulted in",
     false, TrueErrors},
    {"P3", "a probe that leaves less than all implies progress", false,
     ProgressUnderInterference},
    {"P4", "copy_to_user copies up to the fault", false, CopiesUpToTheFault},
    {"P5", "probing the first byte and advancing by at least one terminates",
     false, FirstByteTerminates},
    {"P6", "rewinding at a tag fault in mid-page livelocks", true,
     RewindLivelocks},
    {"P7", "a probe of the page tables cannot see tags", true,
     PageTablesHaveNoTags},
    {"P8", "probing granules finds every bad one, probing pages 1 in 256", true,
     GranulesFindAll},
    {"P9", "asynchronous tag checks cannot livelock", true,
     AsynchronousCannotLivelock},
    {"P10", "direct I/O needs whole blocks", false, WholeBlocks},
    {"P11", "fault_in_safe_writeable's wrong return spins", false,
     WrongReturnSpins},
    {"W1", "a failed page table in WRITEPROTECT was ignored", false},
    {"W2", "only mappings that need markers allocate tables", false},
    {"W3", "ENOMEM leaves a prefix, and trying again is idempotent", false},
    {"W4", "the error is added to the pages before the next GiB", false},
    {"W5", "pinned pages change under write-protection", false},
    {"W6", "counts of pages need a long", false},
    {"G1", "retrying a fault of the kernel's that was killed livelocks", false},
    {"G2", "every fault's end keeps the contract of locks and bits", false},
    {"G3", "telling that a fault is completed saves a walk", false},
    {"G4", "architectures judge one fault differently", false},
};

}  // namespace

const char* ToString(Verdict v) {
  return v == Verdict::kHeld       ? "held"
         : v == Verdict::kViolated ? "violated"
                                   : "undecided";
}

void Findings::Add(std::vector<std::string> row, bool as_claimed) {
  const bool first = rows.empty();
  const bool decided = std::ranges::find(row, kTooLong) == row.end();
  rows.push_back(std::move(row));
  if (!decided) {
    verdict = verdict == Verdict::kViolated ? verdict : Verdict::kUndecided;
  } else if (!as_claimed) {
    const std::string mark = "<- not as claimed";
    rows.back().push_back(mark);
    verdict = Verdict::kViolated;
  } else if (first) {
    verdict = Verdict::kHeld;
  }
}

Findings RunExperiment(const Experiment& experiment, engine::Arch arch) {
  return experiment.run != nullptr ? experiment.run(arch)
                                   : RunScript(experiment.id, arch);
}

absl::Span<const Experiment> Experiments() { return kExperiments; }

const Experiment* FindExperiment(absl::string_view id) {
  const auto* const found =
      std::ranges::find(kExperiments, id, &Experiment::id);
  return found == std::end(kExperiments) ? nullptr : found;
}

std::string Render(const Experiment& experiment, engine::Arch arch,
                   const Findings& findings) {
  std::string out = absl::StrFormat(
      "%s (%s): %s\n\n", experiment.id,
      arch == engine::Arch::kX86 ? "x86_64" : "arm64", experiment.claim);
  absl::StrAppend(&out, script::RenderTable(findings.columns, findings.rows));
  for (const std::string& note : findings.notes) {
    absl::StrAppend(&out, "\n", note);
  }
  absl::StrAppend(&out, findings.notes.empty() ? "\n" : "\n\n", experiment.id,
                  ": ", ToString(findings.verdict), "\n");
  return out;
}

}  // namespace faultline::lab
