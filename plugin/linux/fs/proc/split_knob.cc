#include "plugin/linux/fs/proc/split_knob.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "guest_mm/thp/split_huge_pages.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// "0x1f", as sscanf's "0x%lx" takes it.
std::optional<uint64_t> ParseHex(absl::string_view text) {
  uint64_t value = 0;
  if (!absl::ConsumePrefix(&text, "0x") || !absl::SimpleHexAtoi(text, &value)) {
    return std::nullopt;
  }
  return value;
}

// split_huge_pages_pid().
ErrnoOr<Done> SplitOf(Kernel& kernel, int pid, uint64_t start, uint64_t end) {
  const std::shared_ptr<Task> task = kernel.processes().FindTask(pid);
  if (task == nullptr) {
    return Errno::kESRCH;
  }
  const std::shared_ptr<mm::AddressSpace> mm = task->shared.mm;
  if (mm == nullptr) {
    return Errno::kEINVAL;
  }
  const mm::PageShift shift = mm->page_shift();
  const uint64_t user_end = mm->system().arch().layout().user_end.value();
  const mm::GuestRange range{
      mm::GuestAddr(std::min(start, user_end)).PageDown(shift),
      mm::GuestAddr(std::min(end, user_end)).PageDown(shift)};
  if (range.start < range.end) {
    (void)SplitHugePagesIn(*mm, range);
  }
  return kDone;
}

ErrnoOr<Done> Write(Kernel& kernel, absl::string_view text) {
  text = absl::StripSuffix(text, "\n");
  const std::vector<absl::string_view> words = absl::StrSplit(text, ',');
  int pid = 0;
  if (text.substr(0, 1) == "/" || !absl::SimpleAtoi(words[0], &pid)) {
    // No file has huge pages (docs/deviations.md).
    return Errno::kEINVAL;
  }
  if (words.size() == 1 && pid == 1) {
    (void)SplitAllHugePages(kernel.memory());
    return kDone;
  }
  if (words.size() < 3) {
    return Errno::kEINVAL;
  }
  const std::optional<uint64_t> start = ParseHex(words[1]);
  const std::optional<uint64_t> end = ParseHex(words[2]);
  if (!start.has_value() || !end.has_value()) {
    return Errno::kEINVAL;
  }
  return SplitOf(kernel, pid, *start, *end);
}

}  // namespace

Knob SplitHugePagesKnob(Kernel& kernel) {
  return {[] { return std::string(); },
          [&kernel](absl::string_view text) { return Write(kernel, text); }};
}

}  // namespace faultline::os
