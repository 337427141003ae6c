#ifndef FAULTLINE_PLUGIN_LINUX_TAG_LOG_H_
#define FAULTLINE_PLUGIN_LINUX_TAG_LOG_H_

// TagLog: who tags memory (arm64 MTE): an event of the trace each, and the last
// 65,536 of the whole machine remembered for reports of tag faults.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/trace.h"

namespace faultline::os {

class TagLog {
 public:
  enum class By : uint8_t { kInstruction, kTracer, kInjection };
  struct Entry {
    mm::PhysAddr granule;
    mm::GuestAddr address{};  // of it, in the memory of who tagged it
    uint64_t pc = 0;          // of the instruction that stored the tag
    int32_t tid = 0;          // of a tracer's, the traced thread; 0: nobody's
    By by = By::kInstruction;
    uint8_t before = 0;
    uint8_t tag = 0;
  };

  // `trace` outlives it.
  explicit TagLog(mm::Trace& trace) : trace_(trace) {}

  // The granule has this tag now.
  void Note(const Entry& entry);
  // The last store to the granule that holds `a`, if it is remembered.
  std::optional<Entry> Last(mm::PhysAddr a) const;

 private:
  static constexpr size_t kMost = 65536;
  mm::Trace& trace_;
  std::vector<Entry> ring_;
  size_t next_ = 0;
};

// "store", "ptrace", "inject".
std::string_view Name(TagLog::By by);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TAG_LOG_H_
