// P1, P2, P3 and P5: a probe, a copy with page faults disabled, and what to do
// when that has moved nothing.

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/lab/copy_machine.h"
#include "plugin/lab/progress_claims.h"

namespace faultline::lab {
namespace {

using engine::KernelRoutine;
using End = LoopOutcome::End;

constexpr uint64_t kReadWrite = 3, kNone = 0;

// Reclaim takes the first page that the probe has just looked at, `times`
// times.
Adversary Reclaim(CopyMachine& m, unsigned times) {
  return {times, [&m](uint64_t address, uint64_t, std::string* what) {
            const uint64_t index = (address - CopyMachine::kBase) / m.page();
            m.PageOut(index, 1);
            *what = absl::StrFormat("reclaim takes page %d", index);
            return true;
          }};
}

// The first page that the probe has just looked at is made old, or clean and
// write-protected.
Adversary Weaken(CopyMachine& m, unsigned times, const char* what_to_say,
                 mm::EntryFlags taken) {
  return {times, [&m, what_to_say, taken](uint64_t address, uint64_t,
                                          std::string* what) {
            const uint64_t index = (address - CopyMachine::kBase) / m.page();
            m.Weaken(index, taken);
            *what = absl::StrFormat("%s page %d", what_to_say, index);
            return true;
          }};
}

Adversary AdversaryOf(absl::string_view kind, CopyMachine& m, unsigned times) {
  using mm::EntryFlag;
  if (kind == "ageing") {
    return Weaken(m, times, "ageing makes old", EntryFlag::kYoung);
  }
  if (kind == "write-back") {
    return Weaken(m, times, "write-back protects",
                  EntryFlag::kWrite | EntryFlag::kDirty);
  }
  return Reclaim(m, times);
}

}  // namespace

// A page that was there at the probe may be gone at the copy. Whoever takes
// that for an error returns EFAULT for memory that is perfectly good.
Findings BailingOutIsWrong(engine::Arch arch) {
  Findings f;
  f.columns = {"order", "stuck copy", "reclaim", "memory", "result"};
  for (const uint64_t first : {1, 0}) {
    for (const LoopStuck stuck : {kStuckBailOut, kStuckRetry}) {
      for (const unsigned times : {0u, 1u}) {
        for (const bool good : {true, false}) {
          CopyMachine m(arch);
          m.Map(0, 1, kReadWrite);
          m.Populate(0, 1);
          if (!good) {
            m.Protect(0, 1, kNone);
          }
          const LoopRequest request{.user = CopyMachine::kBase,
                                    .bytes = m.page(),
                                    .probe = kProbePages,
                                    .stuck = uint64_t(stuck),
                                    .fault_in_first = first};
          const LoopOutcome o = m.Run(KernelRoutine::kLoopBufferedWrite,
                                      request, {}, Reclaim(m, times));
          // Copying first, the loop has found the page before anyone took it.
          const bool spurious =
              good && stuck == kStuckBailOut && times != 0 && first != 0;
          const std::string expected =
              good && !spurious ? absl::StrCat(m.page()) : "EFAULT";
          f.Add({first != 0 ? "probe, copy" : "copy, probe",
                 stuck == kStuckBailOut ? "is an error" : "is tried again",
                 times != 0 ? "once" : "never", good ? "good" : "bad",
                 absl::StrCat(ToString(o), spurious ? " (spurious)" : "")},
                ToString(o) == expected);
        }
      }
    }
  }
  return f;
}

// What a first try may have found: the four combinations of what it copied and
// what the probe then faulted in.
Findings TrueErrors(engine::Arch arch) {
  Findings f;
  f.columns = {"memory", "copied", "faulted in", "result"};
  struct Case {
    const char* memory;
    uint64_t good, swapped;  // pages: there, there but not present
    const char *copied, *faulted_in;
  };
  for (const Case& c :
       {Case{"present", 2, 0, "all", "-"},
        Case{"first page present, second in swap", 1, 1, "some", "some"},
        Case{"first page good, second bad", 1, 0, "some", "nothing"},
        Case{"in swap", 0, 2, "nothing", "some"},
        Case{"bad", 0, 0, "nothing", "nothing"}}) {
    CopyMachine m(arch);
    m.Map(0, 2, kReadWrite);
    m.Populate(0, 2);
    if (c.swapped != 0) {
      m.PageOut(c.good, c.swapped);
    }
    if (c.good + c.swapped < 2) {
      m.Protect(c.good + c.swapped, 2 - c.good - c.swapped, kNone);
    }
    const LoopRequest request{.user = CopyMachine::kBase,
                              .bytes = 2 * m.page(),
                              .probe = kProbePages,
                              .stuck = kStuckRetry,
                              .fault_in_first = 0};
    const LoopOutcome o = m.Run(KernelRoutine::kLoopBufferedWrite, request);
    const bool whole = !o.moved_at_refusal.has_value();
    const std::string copied = whole                      ? "all"
                               : *o.moved_at_refusal != 0 ? "some"
                                                          : "nothing";
    const std::string faulted_in = whole             ? "-"
                                   : o.resolved != 0 ? "some"
                                                     : "nothing";
    // The claim: an error if, and only if, there was neither.
    const bool error = copied == "nothing" && faulted_in == "nothing";
    const std::string expected =
        error ? "EFAULT" : absl::StrCat((c.good + c.swapped) * m.page());
    f.Add({c.memory, copied, faulted_in, ToString(o)},
          ToString(o) == expected && copied == c.copied &&
              faulted_in == c.faulted_in);
  }
  return f;
}

Findings ProgressUnderInterference(engine::Arch arch) {
  Findings f;
  f.columns = {"adversary", "pages", "interferences",
               "rounds",    "bound", "result"};
  // Buffered reads, which store to user memory: write-back takes the right to.
  for (const char* const kind : {"reclaim", "ageing", "write-back"}) {
    for (const uint64_t pages : {1, 4}) {
      for (const unsigned k : {0u, 1u, 2u, 5u, 20u}) {
        CopyMachine m(arch);
        m.Map(0, pages, kReadWrite);
        m.Populate(0, pages);
        const LoopRequest request{.user = CopyMachine::kBase,
                                  .bytes = pages * m.page(),
                                  .probe = kProbePages,
                                  .stuck = kStuckRetry,
                                  .fault_in_first = 1};
        const LoopOutcome o = m.Run(KernelRoutine::kLoopBufferedRead, request,
                                    {}, AdversaryOf(kind, m, k));
        // A page is a piece of its own: one round each, and one for each time
        // that the adversary was faster.
        const unsigned bound = k + unsigned(pages);
        f.Add({kind, absl::StrCat(pages), absl::StrCat(k),
               absl::StrCat(o.rounds), absl::StrCat(bound), ToString(o)},
              o.end == End::kReturned && o.rounds <= bound &&
                  o.value == int64_t(request.bytes));
      }
    }
  }
  return f;
}

// Every small buffer at the edge of memory, with every page there, in swap, or
// forbidden.
Findings FirstByteTerminates(engine::Arch arch) {
  Findings f;
  f.columns = {"pages (good, in swap, bad)", "buffers", "most rounds", "stuck"};
  constexpr const char* kNames[] = {"good", "swap", "bad"};
  for (int layout = 0; layout < 9; ++layout) {
    const int kinds[] = {layout / 3, layout % 3};
    unsigned buffers = 0, most = 0, stuck = 0;
    CopyMachine m(arch);
    for (uint64_t before = 0; before <= 24; ++before) {
      for (uint64_t bytes = 1; bytes <= 48; ++bytes) {
        m.Map(0, 2, kReadWrite);  // in place of what was there
        m.Populate(0, 2);
        for (uint64_t page = 0; page < 2; ++page) {
          if (kinds[page] == 1) {
            m.PageOut(page, 1);
          } else if (kinds[page] == 2) {
            m.Protect(page, 1, kNone);
          }
        }
        const LoopRequest request{
            .user = CopyMachine::kBase + m.page() - before,
            .bytes = bytes,
            .probe = kProbeFirstByte,
            .stuck = kStuckRetry,
            .fault_in_first = 1};
        const LoopOutcome o = m.Run(KernelRoutine::kLoopBufferedWrite, request);
        ++buffers;
        most = std::max(most, o.rounds);
        stuck += o.end == End::kReturned ? 0 : 1;
      }
    }
    f.Add({absl::StrCat(kNames[kinds[0]], ", ", kNames[kinds[1]]),
           absl::StrCat(buffers), absl::StrCat(most), absl::StrCat(stuck)},
          stuck == 0 && most <= 4);
  }
  return f;
}

}  // namespace faultline::lab
