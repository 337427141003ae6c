#include "plugin/trace/kinds.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace faultline::trace {

std::string_view KindName(mm::TraceKind kind) {
  static constexpr std::string_view kNames[mm::kTraceKinds] = {
      "fault",  "alloc", "table",   "vma", "syscall", "switch", "point",
      "signal", "task",  "unknown", "thp", "uffd",    "inject", "tag"};
  return kNames[size_t(kind)];
}

absl::StatusOr<uint32_t> ParseKinds(const std::string& text) {
  uint32_t kinds = 0;
  const std::vector<std::string> names = absl::StrSplit(text, ',');
  for (const std::string& name : names) {
    uint32_t bits = name == "usual" ? kUsualKinds : 0;
    bits = name == "all" ? kAllKinds : bits;
    std::string known;
    for (int i = 0; i < mm::kTraceKinds; ++i) {
      const std::string kind(KindName(mm::TraceKind(i)));
      bits |= kind == name ? KindBit(mm::TraceKind(i)) : 0;
      absl::StrAppend(&known, ", ", kind);
    }
    if (bits == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("no kind of event '", name, "': usual, all", known));
    }
    kinds |= bits;
  }
  return kinds;
}

}  // namespace faultline::trace
