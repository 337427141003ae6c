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
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/fs/vfs.h"
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

// split_huge_pages_in_file(): pages [start, end) of a file.
ErrnoOr<Done> SplitInFile(Kernel& kernel, absl::string_view path,
                          uint64_t start, uint64_t end) {
  const Vfs& vfs = kernel.vfs();
  const FsContext fs(vfs.root(), vfs.root());
  const Credentials root;
  const ErrnoOr<Path> place = LookupPath({root, fs, nullptr}, vfs.root(), path);
  if (!place.ok()) {
    return Errno::kEINVAL;
  }
  auto* const file = dynamic_cast<RegularInode*>(place->inode().get());
  if (file != nullptr) {
    (void)SplitHugePagesOf(kernel.memory(), file->mapping(), start, end);
  }
  return kDone;
}

ErrnoOr<Done> Write(Kernel& kernel, absl::string_view text) {
  text = absl::StripSuffix(text, "\n");
  const std::vector<absl::string_view> words = absl::StrSplit(text, ',');
  if (text.substr(0, 1) == "/") {
    const auto start = words.size() == 3 ? ParseHex(words[1]) : std::nullopt;
    const auto end = words.size() == 3 ? ParseHex(words[2]) : std::nullopt;
    return start.has_value() && end.has_value()
               ? SplitInFile(kernel, words[0], *start, *end)
               : Errno::kEINVAL;
  }
  int pid = 0;
  if (!absl::SimpleAtoi(words[0], &pid)) {
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
