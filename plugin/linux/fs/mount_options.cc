#include "plugin/linux/fs/mount_options.h"

#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace faultline::os {

std::optional<uint64_t> ParseSize(absl::string_view text,
                                  absl::string_view* rest) {
  int base = 10;
  if (absl::StartsWithIgnoreCase(text, "0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(size_t(end - text.data()));
  constexpr absl::string_view kUnits = "kmgtpe";
  const size_t unit = text.empty() ? absl::string_view::npos
                                   : kUnits.find(absl::ascii_tolower(text[0]));
  if (unit != absl::string_view::npos) {
    value <<= 10 * (unit + 1);
    text.remove_prefix(1);
  }
  *rest = text;
  return value;
}

std::optional<uint32_t> ParseNumber(absl::string_view text, int base) {
  uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value, base);
  return error == std::errc() && at == end ? std::optional(value)
                                           : std::nullopt;
}

bool StoreNumber(absl::string_view text, int base, uint32_t mask,
                 uint32_t* to) {
  const std::optional<uint32_t> value = ParseNumber(text, base);
  *to = value.value_or(0) & mask;
  return value.has_value();
}

bool ForEachMountOption(
    absl::string_view text,
    absl::FunctionRef<bool(absl::string_view key, absl::string_view value)>
        take) {
  for (const absl::string_view option :
       absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(option, absl::MaxSplits('=', 1));
    if (!take(pair.first, pair.second)) {
      return false;
    }
  }
  return true;
}

}  // namespace faultline::os
