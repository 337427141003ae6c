#include "plugin/linux/report/tag_text.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "arch_arm64/mte_insn.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/tagged.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/report/register_text.h"
#include "plugin/linux/tag_log.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kGranule = arm64::kTagGranule;
// Granules shown on each side of the address.
constexpr uint64_t kAround = 4;

// Where a pointer leads, if to a tagged page.
std::optional<mm::PhysAddr> Find(Task& task, uint64_t pointer) {
  return mm::TaggedAt(
      task.mm().page_table(),
      task.kernel().memory().arch().Untag(mm::GuestAddr(pointer)));
}

std::string WhoTagged(Task& task, mm::PhysAddr at) {
  const std::optional<TagLog::Entry> last = task.kernel().tag_log().Last(at);
  // The frame may have been somebody else's then.
  if (!last.has_value() ||
      last->tag != task.kernel().memory().phys().tags().Get(at)) {
    return "  never tagged, or long ago\n";
  }
  switch (last->by) {
    case TagLog::By::kInstruction:
      return absl::StrFormat("  tagged %d by task %d at %s\n", last->tag,
                             last->tid, InstructionAt(task, last->pc));
    case TagLog::By::kTracer:
      return absl::StrFormat("  tagged %d by a tracer of task %d\n", last->tag,
                             last->tid);
    case TagLog::By::kInjection:
      return absl::StrFormat("  tagged %d by an injection\n", last->tag);
  }
  return "";
}

}  // namespace

int MemoryTagAt(Task& task, uint64_t pointer) {
  const std::optional<mm::PhysAddr> at = Find(task, pointer);
  return at.has_value() ? int(task.kernel().memory().phys().tags().Get(*at))
                        : -1;
}

std::string TagText(Task& task, uint64_t pointer) {
  const std::optional<mm::PhysAddr> at = Find(task, pointer);
  if (!at.has_value()) {
    return "";
  }
  const uint64_t here = arm64::WithoutTag(pointer) & ~(kGranule - 1);
  const uint64_t first = here - kAround * kGranule;
  std::string out = "tags around it, of 16 bytes each:\n";
  for (uint64_t i = 0; i <= 2 * kAround; ++i) {
    const uint64_t granule = first + i * kGranule;
    const int tag = MemoryTagAt(task, granule);
    absl::StrAppendFormat(&out, "  %s %012x  %s\n", i == kAround ? "=>" : "  ",
                          granule, tag < 0 ? "-" : absl::StrCat(tag));
  }
  return out + WhoTagged(task, *at);
}

}  // namespace faultline::os
