#include "plugin/gdb/hex.h"

#include <algorithm>

namespace faultline::gdb {
namespace {

int DigitOf(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    out += kDigits[uint8_t(c) >> 4];
    out += kDigits[uint8_t(c) & 0xf];
  }
  return out;
}

std::optional<std::string> FromHex(std::string_view digits) {
  if (digits.size() % 2 != 0) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(digits.size() / 2);
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = DigitOf(digits[i]), low = DigitOf(digits[i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out += char(high << 4 | low);
  }
  return out;
}

std::optional<uint64_t> ParseNumber(std::string_view digits) {
  constexpr size_t kMostDigits = 16;
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  if (digits.empty() || digits.size() - first > kMostDigits) {
    return std::nullopt;
  }
  uint64_t value = 0;
  for (const char c : digits) {
    const int digit = DigitOf(c);
    if (digit < 0) {
      return std::nullopt;
    }
    value = value << 4 | uint64_t(digit);
  }
  return value;
}

std::string_view TakeUntil(std::string_view* text, std::string_view any) {
  const size_t at = text->find_first_of(any);
  const std::string_view head = text->substr(0, at);
  text->remove_prefix(at == std::string_view::npos ? text->size() : at + 1);
  return head;
}

}  // namespace faultline::gdb
