#include "plugin/cli/live_sample.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/linux/task/task.h"

namespace faultline::cli {
namespace {

constexpr int kHeadLines = 3;

std::string StateOf(const mm::Actor& actor) {
  if (actor.waiting_on() != nullptr) {
    return absl::StrCat("waits for ", actor.waiting_on()->name());
  }
  if (&actor == mm::Scheduler::Current()) {
    return "runs";
  }
  return actor.at() == nullptr ? "ready"
                               : absl::StrCat("ready at ", actor.at()->name);
}

std::string Size(uint64_t bytes) {
  constexpr uint64_t kMiB = 1 << 20;
  return bytes < 10 * kMiB
             ? absl::StrCat(bytes >> 10, " KiB")
             : absl::StrFormat("%.1f MiB", double(bytes) / double(kMiB));
}

// Of what fits between two brackets.
std::string Bar(uint64_t part, uint64_t whole, int width) {
  const uint64_t full =
      whole == 0 ? 0 : std::min(whole, part) * uint64_t(width) / whole;
  return absl::StrCat("[", std::string(full, '#'),
                      std::string(uint64_t(width) - full, '.'), "]");
}

}  // namespace

LiveSample TakeSample(os::Kernel& kernel) {
  LiveSample s;
  s.time_ns = kernel.now().ns();
  const mm::PhysMem& phys = kernel.memory().phys();
  s.memory = phys.bytes();
  s.free = phys.free().in_bytes(phys.page_shift());
  std::set<const mm::AddressSpace*> seen;
  for (const auto& [tid, task] : kernel.processes().tasks()) {
    const mm::AddressSpace* const space = task->shared.mm.get();
    if (space == nullptr || !seen.insert(space).second) {
      continue;
    }
    const auto add = [&](uint64_t& sum, mm::PageCount pages) {
      sum += pages.in_bytes(space->page_shift());
    };
    add(s.anon, space->rss.anon);
    add(s.file, space->rss.file);
    add(s.shmem, space->rss.shmem);
    add(s.swapped, space->rss.swap);
  }
  const mm::VmCounters& vm = kernel.memory().counters();
  s.faults = vm.faults;
  s.major_faults = vm.major_faults;
  s.copies = vm.cow_copies;
  s.syscalls = kernel.stats().syscalls;
  for (const auto& actor : kernel.scheduler().actors()) {
    if (actor->state() != mm::Actor::State::kDone) {
      s.actors.push_back({actor->name(), StateOf(*actor)});
    }
  }
  return s;
}

std::vector<std::string> RenderLive(const LiveSample& now,
                                    const LiveSample& before, int columns) {
  const double ms =
      std::max(double(now.time_ns - before.time_ns), 1.0) / 1'000'000;
  const auto rate = [ms](uint64_t a, uint64_t b) { return double(a - b) / ms; };
  std::vector<std::string> lines;
  lines.push_back(
      absl::StrFormat("-- %.3f ms, %d actors, %d system calls (%.0f/ms)",
                      double(now.time_ns) / 1'000'000, now.actors.size(),
                      now.syscalls, rate(now.syscalls, before.syscalls)));
  const uint64_t resident = now.anon + now.file + now.shmem;
  lines.push_back(absl::StrFormat(
      "resident %s %s: anon %s, file %s, shmem %s, swap %s; free %s",
      Bar(now.memory - now.free, now.memory, 20), Size(resident),
      Size(now.anon), Size(now.file), Size(now.shmem), Size(now.swapped),
      Size(now.free)));
  lines.push_back(absl::StrFormat(
      "faults %d (%.1f/ms), major %d (%.1f/ms), copied on write %d (%.1f/ms)",
      now.faults, rate(now.faults, before.faults), now.major_faults,
      rate(now.major_faults, before.major_faults), now.copies,
      rate(now.copies, before.copies)));
  const size_t room = kLiveLines - kHeadLines;
  const size_t shown = now.actors.size() <= room ? now.actors.size() : room - 1;
  for (size_t i = 0; i < shown; ++i) {
    lines.push_back(
        absl::StrFormat("  %-18s %s", now.actors[i].name, now.actors[i].state));
  }
  if (shown < now.actors.size()) {
    lines.push_back(absl::StrCat("  and ", now.actors.size() - shown, " more"));
  }
  lines.resize(kLiveLines);
  for (std::string& line : lines) {
    line.resize(std::min(line.size(), size_t(std::max(columns, 1))));
  }
  return lines;
}

}  // namespace faultline::cli
