#ifndef FAULTLINE_PLUGIN_LINUX_TAG_LOG_H_
#define FAULTLINE_PLUGIN_LINUX_TAG_LOG_H_

// TagLog: who has tagged memory lately (arm64 MTE), for reports of tag faults.
// It remembers the last 65,536 granules stored to, of the whole machine.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "guest_mm/base/addr.h"

namespace faultline::os {

class TagLog {
 public:
  struct Entry {
    mm::PhysAddr granule;
    uint64_t pc = 0;  // of the instruction that stored the tag
    int32_t tid = 0;
    uint8_t tag = 0;
  };

  void Note(const Entry& entry);
  // The last store to the granule that holds `a`, if it is remembered.
  std::optional<Entry> Last(mm::PhysAddr a) const;

 private:
  static constexpr size_t kMost = 65536;
  std::vector<Entry> ring_;
  size_t next_ = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TAG_LOG_H_
