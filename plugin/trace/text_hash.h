#ifndef FAULTLINE_PLUGIN_TRACE_TEXT_HASH_H_
#define FAULTLINE_PLUGIN_TRACE_TEXT_HASH_H_

#include <cstdint>
#include <string_view>

namespace faultline::trace {

// FNV-1a of 64 bits, of text that comes in parts: against accidents, not
// against whoever wants two texts to have one hash.
class TextHash {
 public:
  void Add(std::string_view text) {
    for (const char c : text) {
      value_ = (value_ ^ uint8_t(c)) * 0x100000001b3;
    }
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_TEXT_HASH_H_
