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
     false, BailingOutIsWrong,
     "A probe (fault_in_readable() and its like) faults pages in; the copy "
     "is then made with page faults disabled. Between the two reclaim may "
     "take a page, or ageing or write-back may change its entry. A copy "
     "that moves nothing then is no mistake of the program's: the loop has "
     "to probe again. One that gives up answers EFAULT for memory that is "
     "good."},
    {"P2", "an error is true if nothing was copied and nothing faulted in",
     false, TrueErrors,
     "When may such a loop answer EFAULT? When the copy has moved nothing, "
     "and the probe could fault nothing in: then nobody can get on. These "
     "are the combinations of the two."},
    {"P3", "a probe that leaves less than all implies progress", false,
     ProgressUnderInterference,
     "A probe that leaves less than it was asked for promises a byte that "
     "can be copied. So a loop that is interfered with k times over p pages "
     "ends in at most k + p rounds, whoever interferes."},
    {"P4", "copy_to_user copies up to the fault", false, CopiesUpToTheFault,
     "What is built on copies counts on this: they must not say that "
     "nothing was copied if something could be. The kernel's own routines, "
     "with the fault at every offset and every alignment of the other side; "
     "every byte of both sides is compared."},
    {"P5", "probing the first byte and advancing by at least one terminates",
     false, FirstByteTerminates,
     "It is enough to probe the first byte, as long as the loop goes on "
     "from where the copy got to: a byte that has been probed can be "
     "copied. Every small buffer at the edge of two pages that are there, "
     "in swap, or forbidden."},
    {"P6", "rewinding at a tag fault in mid-page livelocks", true,
     RewindLivelocks,
     "btrfs's tree search ioctl copies items, each a header and its data. "
     "If a copy is cut short it goes back to the item's header and probes "
     "what is left. A tag that refuses in the middle of a page is not seen "
     "by a probe that touches one byte a page: up to 5.18 the loop went "
     "round for ever. Since 5.19 it probes every granule (da32b5817253, "
     "18788e34642e)."},
    {"P7", "a probe of the page tables cannot see tags", true,
     PageTablesHaveNoTags,
     "fault_in_safe_writeable() looks at page tables, as get_user_pages() "
     "does. Tags are not there: it finds all in order, and the copy fails. "
     "gfs2, which believes it, goes round for ever."},
    {"P8", "probing granules finds every bad one, probing pages 1 in 256", true,
     GranulesFindAll,
     "A page of 4096 bytes has 256 granules of 16 bytes, each with a tag of "
     "its own. A probe of every granule finds each one that refuses, a "
     "probe of the first byte finds the one where it looks."},
    {"P9", "asynchronous tag checks cannot livelock", true,
     AsynchronousCannotLivelock,
     "With synchronous checks a mismatching access is refused. With "
     "asynchronous ones it is made, and a signal comes later: nothing is "
     "there that a copy could stop at. The modes of loads and stores, and "
     "what two loops then do."},
    {"P10", "direct I/O needs whole blocks", false, WholeBlocks,
     "Direct I/O moves whole blocks. A copy that got through half of one "
     "has moved nothing that counts, so a probe that finds one good byte "
     "says \"go on\" for ever; and a short answer is possible only where "
     "the loop ends there (since 5.16)."},
    {"P11", "fault_in_safe_writeable's wrong return spins", false,
     WrongReturnSpins,
     "From 5.18 (fe673d3f5bf1) to 6.14 fault_in_safe_writeable() answered "
     "that nothing was left although it had stopped before the end (mended "
     "by 8c03ebd7cdc0). gfs2's read, whose block lies on a good page and a "
     "bad one, spins."},
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
