#include "plugin/cli/trace_hashes.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "guest_mm/base/check.h"
#include "plugin/cli/injection.h"
#include "plugin/inject/copy_process.h"
#include "plugin/rewind/timeline.h"

namespace faultline::cli {
namespace {

struct Answer {
  size_t run = 0;
  uint64_t hash = 0;
};

std::optional<uint64_t> HashOf(Machine& machine, const RunOptions& run) {
  TraceFile& trace = machine.trace();
  trace.Resume();
  auto injector =
      StartInjection(machine.kernel(), run, machine.paths(), trace.observer());
  if (!injector.ok()) {
    return std::nullopt;
  }
  bool timed_out = false;
  (void)machine.Run(run.time_limit_ns, &timed_out);
  (*injector)->Detach();
  (void)trace.Close();
  return trace.hash();
}

// One after the other, each from the same beginning.
void AnswerAll(Machine& machine, rewind::Arena* arena,
               absl::Span<const RunOptions> runs, int to_parent) {
  size_t run = 0;
  std::optional<uint64_t> hash;
  rewind::Timeline timeline(machine.kernel(), arena,
                            [&] { hash = HashOf(machine, runs[run]); });
  FL_CHECK(timeline.Save().ok());
  for (; run < runs.size(); ++run) {
    if (run != 0) {
      timeline.Restore();
    }
    timeline.Resume();
    if (hash.has_value()) {
      const Answer answer{run, *hash};
      (void)!write(to_parent, &answer, sizeof answer);
    }
  }
}

}  // namespace

std::vector<std::optional<uint64_t>> TraceHashes(
    Machine& machine, rewind::Arena* arena, absl::Span<const RunOptions> runs) {
  std::vector<std::optional<uint64_t>> hashes(runs.size());
  if (arena != nullptr && runs.size() > 1) {
    const auto copy = inject::MakeCopy(
        [&](int to_parent) { AnswerAll(machine, arena, runs, to_parent); });
    if (copy.ok()) {
      Answer answer;
      ssize_t n = 0;
      while ((n = read(copy->from, &answer, sizeof answer)) ==
                 ssize_t(sizeof answer) ||
             (n < 0 && errno == EINTR)) {
        if (n > 0) {
          hashes[answer.run] = answer.hash;
        }
      }
      (void)inject::Finish(*copy);
    }
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!hashes[i].has_value()) {
      hashes[i] = inject::AskCopy([&] { return HashOf(machine, runs[i]); });
    }
  }
  return hashes;
}

}  // namespace faultline::cli
