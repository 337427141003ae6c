#include "plugin/report/trace_data.h"

#include <charconv>

namespace faultline::report {

std::optional<std::string_view> TraceData::Field(size_t event,
                                                 std::string_view key) const {
  const Shape& shape = shapes_[shape_[event]];
  for (size_t i = 0; i < shape.size(); ++i) {
    if (strings_[shape[i]] == key) {
      return strings_[values_[first_value_[event] + i]];
    }
  }
  return std::nullopt;
}

std::optional<uint64_t> TraceData::Number(size_t event,
                                          std::string_view key) const {
  const std::optional<std::string_view> text = Field(event, key);
  if (!text.has_value() || text->empty()) {
    return std::nullopt;
  }
  const int base = text->starts_with("0x") ? 16 : 10;
  const char* const end = text->data() + text->size();
  uint64_t n = 0;
  const auto [rest, error] =
      std::from_chars(text->data() + (base == 16 ? 2 : 0), end, n, base);
  return error == std::errc() && rest == end ? std::optional(n) : std::nullopt;
}

}  // namespace faultline::report
