#include "plugin/linux/task/validate_memory.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "guest_mm/sync/scheduler.h"
#include "guest_mm/validate.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/run_loop.h"

namespace faultline::os {
namespace {

// In user mode, not begun, or asleep where a signal would end the sleep: there
// nothing is held that the memory manager counts.
bool IsQuiet(const mm::Actor& actor) {
  switch (actor.state()) {
    case mm::Actor::State::kWaiting:
      return actor.held().empty() &&
             actor.wait_mode() == mm::Interruptible::kYes;
    case mm::Actor::State::kRunnable:
      return actor.at() == nullptr || actor.at() == &kUserSlice ||
             actor.at() == &kUserInsn;
    case mm::Actor::State::kDone:
      return true;
  }
  return false;
}

}  // namespace

bool ValidateMemory(Kernel& kernel, const mm::Actor* self) {
  if (!std::ranges::all_of(kernel.scheduler().actors(),
                           [self](const auto& actor) {
                             return actor.get() == self || IsQuiet(*actor);
                           })) {
    return false;
  }
  std::vector<const mm::AddressSpace*> spaces;
  for (const auto& [tid, task] : kernel.processes().tasks()) {
    const mm::AddressSpace* const space = task->shared.mm.get();
    if (space != nullptr && std::ranges::count(spaces, space) == 0) {
      spaces.push_back(space);
    }
  }
  mm::ValidateAll(kernel.memory(), spaces,
                  kernel.memory().uffd().unmapped_pages);
  return true;
}

}  // namespace faultline::os
