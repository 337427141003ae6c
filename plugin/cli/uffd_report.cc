#include "plugin/cli/uffd_report.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::cli {
namespace {

using mm::UffdStats;

std::string Title(const UffdStats::Range& r) {
  return r.range.empty()
             ? "userfaultfd: elsewhere\n"
             : absl::StrFormat("userfaultfd %d of mm %d: 0x%x-0x%x\n", r.uffd,
                               r.mm, r.range.start.value(),
                               r.range.end.value());
}

// Up to 40 signs for the most frequent of all.
std::string Bar(uint64_t count, uint64_t most) {
  constexpr uint64_t kWidth = 40;
  return std::string(size_t(std::max<uint64_t>(1, count * kWidth / most)), '#');
}

std::string Waits(const UffdStats::Range& r) {
  const uint64_t all =
      std::accumulate(r.waits.begin(), r.waits.end(), uint64_t{0});
  if (all == 0) {
    return "";
  }
  std::string out = absl::StrFormat("  waited: mean %d ns, longest %d ns\n",
                                    r.waited_ns / all, r.longest_ns);
  const uint64_t most = *std::max_element(r.waits.begin(), r.waits.end());
  for (size_t i = 0; i < r.waits.size(); ++i) {
    if (r.waits[i] != 0) {
      absl::StrAppendFormat(&out, "    < %8d us %10d %s\n", uint64_t{2} << i,
                            r.waits[i], Bar(r.waits[i], most));
    }
  }
  return out;
}

std::string Ioctls(const UffdStats::Range& r) {
  std::string out;
  for (const auto& [what, ioctl] : r.ioctls) {
    absl::StrAppendFormat(&out, "  %-12s %8d calls %14d bytes",
                          mm::ToString(what), ioctl.calls, ioctl.bytes);
    for (const auto& [error, count] : ioctl.errors) {
      absl::StrAppendFormat(&out, ", %s %d", ErrnoName(error), count);
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string RenderUffdStats(const UffdStats& stats) {
  std::string out;
  for (const UffdStats::Range& r : stats.ranges()) {
    absl::StrAppend(&out, Title(r),
                    absl::StrFormat("  faults: missing %d, wp %d, minor %d\n",
                                    r.faults[0], r.faults[1], r.faults[2]),
                    Ioctls(r), Waits(r));
  }
  return out.empty() ? "userfaultfd: no range was registered\n" : out;
}

}  // namespace faultline::cli
