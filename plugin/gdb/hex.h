#ifndef FAULTLINE_PLUGIN_GDB_HEX_H_
#define FAULTLINE_PLUGIN_GDB_HEX_H_

// Numbers and bytes as gdb's remote protocol writes them. What comes from the
// other side may be anything.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faultline::gdb {

// Two digits a byte.
std::string ToHex(std::string_view bytes);
// Nothing: an odd number of digits, or no digits.
std::optional<std::string> FromHex(std::string_view digits);
// A number without sign or prefix. Nothing: none, no digits, or too large.
std::optional<uint64_t> ParseNumber(std::string_view digits);
// What is before the first of `any`; `*text` becomes what is after it, or empty
// if there is none.
std::string_view TakeUntil(std::string_view* text, std::string_view any);

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_HEX_H_
