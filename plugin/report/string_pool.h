#ifndef FAULTLINE_PLUGIN_REPORT_STRING_POOL_H_
#define FAULTLINE_PLUGIN_REPORT_STRING_POOL_H_

// StringPool: each text once, by number. 0 is "".

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace faultline::report {

class StringPool {
 public:
  StringPool() { Add(""); }
  StringPool(const StringPool&) = delete;
  StringPool& operator=(const StringPool&) = delete;
  // Moved, the views keep: a deque's elements stay where they are.
  StringPool(StringPool&&) = default;
  StringPool& operator=(StringPool&&) = default;

  uint32_t Add(std::string_view text) {
    const auto found = ids_.find(text);
    if (found != ids_.end()) {
      return found->second;
    }
    const auto id = uint32_t(texts_.size());
    texts_.emplace_back(text);
    ids_.emplace(texts_.back(), id);
    return id;
  }
  std::string_view operator[](uint32_t id) const { return texts_[id]; }
  const std::deque<std::string>& all() const { return texts_; }

 private:
  std::deque<std::string> texts_;
  absl::flat_hash_map<std::string_view, uint32_t> ids_;
};

}  // namespace faultline::report

#endif  // FAULTLINE_PLUGIN_REPORT_STRING_POOL_H_
